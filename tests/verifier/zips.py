"""V0 of an export as a zip: its list of files, before any of them is read."""
import stat, zipfile
from forms import Unreadable, need

def raw_name(one):
    """The name of a file in a zip, as its bytes are there."""
    return one.orig_filename.encode("utf-8" if one.flag_bits & 0x800 else "cp437")

def sound(path, archive):
    """The list has as many files as the zip says, each once, in UTF-8, and none inside another: else nobody can look."""
    with open(path, "rb") as file:
        count = zipfile._EndRecData(file)[4]
    entries = sorted(archive.infolist(), key=lambda one: one.header_offset)
    ends = [one.header_offset + 30 + len(raw_name(one)) + one.compress_size for one in entries]
    apart = all(end <= one.header_offset for end, one in zip(ends, entries[1:]))
    names = {raw_name(one).decode() for one in entries}
    if not (count == len(entries) == len(names) and apart and (not ends or ends[-1] <= archive.start_dir)):
        raise Unreadable(f"{path}: the list of files in the zip contradicts itself")

def packed(one, look):
    """A file in a zip: its name, and whether it is a file or a folder."""
    name, mode = raw_name(one).decode(), stat.S_IFMT(one.external_attr >> 16 if one.create_system == 3 else 0)
    look("V0", name)
    folder = name.endswith("/")
    parts = name.removesuffix("/").split("/")
    need(name == one.orig_filename and not set(name) & set("\\\0:"), "its name is no name of a file")
    need(not {"", ".", ".."} & set(parts), "its name leads elsewhere")
    kind = stat.S_IFDIR if folder else stat.S_IFREG
    need(mode in (0, kind) and not one.flag_bits & 1 and not (folder and one.file_size), "is no file or folder")
    need(folder or one.compress_type in (0, 8), "is packed in another way")
    need(folder or one.file_size <= 100 * one.compress_size + (1 << 20), "would unpack to too much")
    return name, kind
