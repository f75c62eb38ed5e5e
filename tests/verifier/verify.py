#!/usr/bin/env python3
"""A second, independent verifier of Beckon's log exports, written from docs/log-format.md and docs/events.md.

    verify.py [--key FINGERPRINT] [--seen FILE]... EXPORT        verify.py --batch FILE

Exits 0 (OK), 3 (UNANCHORED: consistent in itself, tied to nothing that the caller named), 1 (WRONG <check> <place>)
or 2 (could not look). Each line of a batch is a JSON array of such arguments; the answer `<exit> <check> <place>: text`.
Needs Python 3.11 and `cryptography` (Debian: python3-cryptography). V0 to V9 are the checks of docs/log-format.md: here
is their order, and all of them but V7 and V8, which are in session.py; what is looked at has its form in forms.py.
"""
import collections, contextlib, datetime, hashlib, io, os, re, stat, sys, zipfile
from functools import partial
sys.dont_write_bytecode = True
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from forms import (DATA_MAX, HEX, IN_LOG, IN_SESSION, KEYS, LINE, MANIFEST, METADATA, METADATA_MAX, NUMBER, ORIGIN,
                   SEALED, SMALL, SUBJECT, ZIP, Checkpoint, Receipt, Tree, Unreadable, b64, fits, form, hex64,
                   included, need, ordered, parse, read_seen, said, sha, tiles, time, whole)
from session import Session
from zips import packed, sound

STEP_BACK = datetime.timedelta(minutes=1)  # V1: a cluster may store so late what was sent again

def find_sealed(value, pointer=""):
    """V9: the sealed objects in `data`, in the order of the text, each with its pointer."""
    if type(value) is dict and "$s" in value:
        yield pointer, form(value, SEALED, f"what is sealed at {pointer} does not have its form")
    elif type(value) in (dict, list):
        for key, inner in value.items() if type(value) is dict else enumerate(value):
            yield from find_sealed(inner, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")

class Export:
    """One run over one export. `check` and `place` say what is looked at: whatever fails there, is wrong there."""

    def __init__(self, key, seen):
        self.check, self.place, self.key, self.seen = None, None, key, seen
        self.files, self.content, self.points, self.tree, self.leaves = {}, {}, {}, Tree(), {}
        self.index, self.at = -1, ""
        self.heads, self.closed = {}, {}        # of each stream: its last event, and the event that closed it
        self.era, self.grown, self.restored, self.lost, self.passed = 0, -1, {}, 0, None
        self.sessions, self.left_out, self.signed_heads = {}, set(), []
        self.sealed_for, self.erased, self.unknown = set(), set(), False

    def verify(self, path):
        """All checks, in the order of docs/log-format.md: the exit and the text."""
        with contextlib.ExitStack() as stack:
            self.find_files(path, stack)
            self.load_manifest()
            self.load_files()
            self.load_evidence()
            self.checkpoints()
            for event in self.lines():
                self.event(*event)
                self.checkpoints()
            self.finish()
            compared = [self.evidence(checkpoint, receipt) for checkpoint, receipt in self.seen]
            return self.result(compared)

    def look(self, check, place):
        self.check, self.place = check, place

    # ---- V0, form

    def find_files(self, path, stack):
        """The files of a folder, or of a zip, which is never unpacked, and how many bytes they may hold in all."""
        def refuse(error):
            raise error
        if folder := os.path.isdir(path):
            walk = os.walk(path, onerror=refuse)
            full = [os.path.join(base, name) for base, folders, names in walk for name in folders + names]
            found = [(os.path.relpath(one, path), os.lstat(one).st_mode, partial(open, one, "rb")) for one in full]
            found.sort(key=lambda one: os.fsencode(one[0]).split(b"/"))
        elif os.path.isfile(path) and zipfile.is_zipfile(path):
            archive = stack.enter_context(zipfile.ZipFile(path))
            sound(path, archive)
            found = [(*packed(one, self.look), partial(archive.open, one)) for one in archive.infolist()]
        else:
            raise Unreadable(f"{path} is neither a folder nor a zip")
        for name, mode, opener in found:
            text = os.fsencode(name).decode(errors="replace")
            self.look("V0", text)
            need(name == text and name.count("/") < 16, "its name is no text, or it lies too deep")
            need(stat.S_ISREG(mode) or stat.S_ISDIR(mode), "is not a regular file")
            self.files.update({name: opener} if stat.S_ISREG(mode) else {})
        self.room = float("inf") if folder else ZIP

    def load_manifest(self):
        self.look("V0", "manifest.json")
        with self.files["manifest.json"]() as file:
            text = file.read(SMALL + 1)
        need(len(text) <= SMALL, "is too large")
        m = self.manifest = form(parse(text), MANIFEST, "is not a manifest of this format")
        self.whole, self.stream = m["kind"] == "log", f"session-{m['session']}"
        self.receipt = f"receipts/{m['session']}.json"
        need(self.whole == (m["session"] is None), "does not say of what it is the export")
        need(re.fullmatch(ORIGIN, m["origin"])["log"] == m["log"], "the origin is of another log")
        fitting = m["events"] == m["size"] if self.whole else m["events"]
        need(fitting, "there are no events, or another number than the tree of the log has")
        self.listed = {file["path"]: file for file in m["files"]}
        paths = [file["path"].encode() for file in m["files"]]
        need(paths == sorted(set(paths) - {b"manifest.json"}), "files are not in their order")

    def load_files(self):
        """Every file has its length and hash, and should be there. Of the events only their number is kept."""
        for path in sorted((self.listed.keys() | self.files) - {"manifest.json"}):
            self.look("V0", path)
            need(path in self.files and path in self.listed, "does not stand in the manifest, or is not there")
            self.content[path] = self.read(**self.listed[path])
        self.look("V0", "events.ndjson")
        need(self.content["events.ndjson"] == self.manifest["events"], "has another number of lines than `events` says")
        self.tiles = tiles(self.manifest["size"] if self.whole else 0, len(self.listed))
        if len(self.tiles) > len(self.listed):      # so one of them is missing, however large the tree is
            self.look("V0", next(path for path, _ in self.tiles.values() if path not in self.listed))
            need(False, "is missing")
        wanted = {"events.ndjson", "keys.json", *(path for path, _ in self.tiles.values())}
        wanted |= {"subjects.json"} if self.manifest["names"] != "none" else set()
        for path in sorted(wanted ^ self.listed.keys()):
            self.look("V0", path)
            need(path in self.listed, "is missing")
            known = re.fullmatch(f"checkpoints/{NUMBER}\\.ndjson", path) or path == self.receipt
            need(known, "is no file of such an export")
            need(path == self.receipt or int(known[1]) < 1 << 32, "is no file of such an export")
        for path, width in self.tiles.values():
            self.look("V0", path)
            need(len(self.content[path]) == 32 * width, "is not as long as its tile")

    def read(self, path, bytes, sha256):
        need(bytes <= SMALL or path == "events.ndjson" or path.startswith("checkpoints/"), "is too large")
        size, lines, digest, kept = 0, 0, hashlib.sha256(), []
        with self.files[path]() as file:
            while size <= bytes and (chunk := file.read(1 << 20)):
                size, lines, self.room = size + len(chunk), lines + chunk.count(b"\n"), self.room - len(chunk)
                digest.update(chunk)
                kept += [chunk] if path != "events.ndjson" else []
                if self.room < 0 or len(kept) > 1 << 10:
                    raise Unreadable(f"{path}: there is more in the export than this verifier can look at")
        need(size == bytes and digest.hexdigest() == sha256, "is not the file that the manifest names")
        return lines if path == "events.ndjson" else b"".join(kept)

    def load_evidence(self):
        """Checkpoints, public keys, keys of subjects, the receipt."""
        for path in (path for path in self.content if path.startswith("checkpoints/")):
            self.look("V0", path)
            lines = list(io.BytesIO(self.content[path]))
            need(all(len(line) <= LINE and line.endswith(b"\n") for line in lines), "a line is too long or not ended")
            need(len(lines) == 1 or lines and self.whole, "holds not as many checkpoints as it should")
            notes = [Checkpoint(parse(line), path) for line in lines]
            self.points[int(re.search(NUMBER, path)[0])] = collections.deque(notes)
        self.look("V0", "keys.json")
        keys = form(parse(self.content["keys.json"]), KEYS)["log"]
        self.keys = {one["era"]: (one["key"], one["origin"]) for one in keys}
        need(keys and [one["era"] for one in keys] == sorted(self.points), "not one key for each era with checkpoints")
        need(self.whole or len(keys) == 1, "more than one key for one checkpoint")
        for era, (_, origin) in self.keys.items():
            about = re.fullmatch(ORIGIN, origin).group("log", "era")
            need(about == (self.manifest["log"], str(era)), "an origin is of another log or era")
        need(origin == self.manifest["origin"], "the manifest has another origin")
        self.last, self.fingerprint = self.points[era][-1], sha(hex64(keys[-1]["key"])).hex()
        self.look("V0", "subjects.json")
        subjects = form(parse(self.content.get("subjects.json", b"{}")), dict)
        self.subjects = {form(subject, SUBJECT): b64(key, 32) for subject, key in subjects.items()}
        self.look("V0", self.receipt)
        self.receipts = [Receipt(parse(self.content[path]), None, path) for path in self.content if path == self.receipt]

    def lines(self):
        """V0 of each line: index, metadata, data or None, inclusion proof."""
        with self.files["events.ndjson"]() as file:
            for number in range(self.manifest["events"]):
                self.look("V0", number if self.whole else "events.ndjson")
                line = file.readline(LINE + 1)
                parts = (IN_LOG if self.whole else IN_SESSION).fullmatch(line)
                need(parts and len(line) <= LINE, "the line does not have its form")
                index, metadata, data, proof = (part if part is None else part.decode() for part in parts.groups())
                index = number if self.whole else whole(index)
                self.look("V0", index)
                metadata, data = b64(metadata), None if data is None else b64(data)
                need(len(metadata) <= METADATA_MAX and len(data or b"") <= DATA_MAX, "the event is too long")
                yield index, metadata, data, [hex64(one) for one in re.findall(HEX, proof)]

    # ---- V1, V2, V9, V7 and V8, of an event

    def event(self, index, metadata, data, proof):
        self.look("V1", index)
        self.leaves[index] = leaf = sha(b"\0" + metadata)
        m = self.chained(index, parse(metadata, compact=True), leaf)
        need(data is None or sha(data) == hex64(m["body"]), "`body` is not the hash of data")
        data = None if data is None else form(parse(data, ordered, compact=True), dict, "data is not an object")
        self.look("V2", index)
        self.in_tiles(leaf) if self.whole else included(leaf, index, self.last.size, proof, self.last.root)
        self.look("V9", index)
        opened = self.sealed(m, data)
        self.session(index, m, data, leaf, opened)
        if m["type"] == "LogRestored" and data is not None and self.whole:
            self.restore(index, data)

    def chained(self, index, m, leaf):
        need(not fits(m["v"], 0), "version 0 was written by development builds, and is refused")
        ordered_keys = list(form(m, METADATA)) == list(METADATA) and list(m["actor"]) == ["kind", "id"]
        need(ordered_keys, "keys are not in their order")
        need(m["log"] == self.manifest["log"], "is an event of another log")
        ours = self.whole or m["stream"] == self.stream and index > self.index
        need(ours, "is of another stream, or `index` does not grow")
        version, prev, before = self.heads.get(m["stream"], (-1, bytes(32), ""))
        need(m["version"] == version + 1, f"has version {m['version']}, the one before has {version}")
        need(hex64(m["prev"]) == prev, "`prev` is not the leaf of the event before")
        need(m["at"] >= before, "is earlier than the event before in its stream")
        need(not self.at or time(self.at) - time(m["at"]) <= STEP_BACK, "is a minute earlier than an event before")
        self.heads[m["stream"]], self.index, self.at = (version + 1, leaf, m["at"]), index, max(self.at, m["at"])
        return m

    def in_tiles(self, leaf):
        """The leaf, and each node above that it completes, is where it should be in the tiles."""
        self.tree.add(leaf)
        size = len(self.leaves)
        for level in (level for level in range(8) if size % 256**level == 0):
            number = size // 256**level - 1
            path, _ = self.tiles[level, number // 256]
            self.place = path if level else self.place
            there = self.content[path][number % 256 * 32:][:32]
            need(there == self.tree.levels[8 * level][number], "the tiles hold another hash here")

    def sealed(self, m, data):
        """V9: what is sealed, and what it holds where there is a key: pointer -> value."""
        found, opened = list(find_sealed(data)), {}
        listed = data is None or [pointer for pointer, _ in found] == m["sealed"]
        need(listed, "`sealed` lists other fields than are sealed")
        for pointer, box in found:
            nonce, cipher, key = b64(box["n"], 12), b64(box["c"]), self.subjects.get(box["$s"])
            need(len(cipher) >= 16, "a ciphertext is too short")
            need(box["$s"] not in self.erased, "is sealed for a subject that was erased before")
            self.sealed_for.add(box["$s"])
            if key:
                place = f"{m['stream']}\0{m['version']}\0{pointer}".encode()
                opened[pointer] = parse(AESGCM(key).decrypt(nonce, cipher, place))
        if m["type"] == "SubjectErased" and self.whole:
            self.unknown |= data is None
            self.erased |= {form(data["subject"], SUBJECT)} if data is not None else set()
        return opened

    def session(self, index, m, data, leaf, opened):
        stream, kind = m["stream"], m["type"]
        if kind in ("Ended", "Expired"):
            self.closed[stream] = m["version"], leaf.hex()
        if kind == "HeadSigned" and data is not None and stream.startswith("session-"):
            self.signed_heads.append((index, data, self.closed.get(stream)))
        self.left_out |= {stream} if data is None else set()
        if stream.startswith("session-") and stream not in self.left_out:
            session = self.sessions.setdefault(stream, Session(stream))
            self.look("V7", index)
            session.signed(kind, data, opened)
            self.look("V8", index)
            session.legal(kind, data, m["at"])

    # ---- V3, V4 and V5, of the checkpoints

    def restore(self, index, data):
        """V5: another era begins. What is left of the checkpoints of the one before lies in the break."""
        self.look("V5", index)
        need(type(data["era"]) is int and self.era < data["era"] < 1 << 32 and fits(data["size"], index), "is not the restore of all events before it")
        for checkpoint in self.points.get(self.era, ()):
            self.checkpoint(checkpoint, lost=True)
        self.restored[self.era] = self.grown = index
        self.points[self.era], self.era = (), data["era"]

    def checkpoints(self):
        """Those of the size that the tree has now."""
        queue = self.points.get(self.era) if self.whole else ()
        while queue and queue[0].size <= len(self.leaves):
            self.checkpoint(queue.popleft())

    def checkpoint(self, checkpoint, lost=False):
        last, size = checkpoint is self.last and not lost, checkpoint.size
        self.look("V5", checkpoint.place)
        need(size > self.grown, "the sizes do not grow")
        self.look("V3", checkpoint.place)
        need(not last or checkpoint.root == self.tree.root(size), f"the root over {size} events is another")
        self.signed(checkpoint)
        self.look("V5", checkpoint.place)
        need(lost or checkpoint.root == self.tree.root(size), f"the root over {size} events is another")
        self.grown, self.lost, self.passed = size, self.lost + lost, None if lost else checkpoint

    def signed(self, checkpoint):
        self.look("V4", checkpoint.place)
        checkpoint.signed(*self.keys[int(re.search(NUMBER, checkpoint.place)[0])])
        self.look("V4", "keys.json")
        named = checkpoint is not self.last or self.key in (None, self.fingerprint)
        need(named, "the key does not have the fingerprint that you named")

    # ---- V5, V3, V9 and V6, at the end

    def finish(self):
        if not self.whole:
            self.signed(self.last)
            self.era, self.passed = self.last.era, self.last
        for era in sorted(self.points):
            self.look("V5", f"checkpoints/{era}.ndjson")
            need(era == self.era or not self.points[era], "is of an era without its LogRestored")
        self.look("V3", self.last.place)
        passed = self.passed is self.last and self.last.size == self.manifest["size"]
        need(passed, "the last checkpoint is not of the size of the export")
        self.look("V9", "subjects.json")
        if self.whole and self.manifest["names"] == "all" and not self.unknown:
            need(self.sealed_for - self.subjects.keys() <= self.erased, "a subject has neither a key nor its SubjectErased")
            need(not self.erased & self.subjects.keys(), "an erased subject has a key")
        for index, data, closed in self.signed_heads:
            self.look("V6", index)
            need((form(data["version"], int), data["leaf"]) == closed, "does not name the event that closed its stream")
        self.look("V6", self.receipt)
        closed = self.whole or self.stream not in self.closed or self.receipts
        need(closed, "the session is over, and its receipt is missing")
        for receipt in self.receipts:
            need(self.evidence(receipt.checkpoint, receipt), "is about another session")

    def evidence(self, checkpoint, receipt):
        """V6: whether it could be compared with this export; if it could and differs, that is wrong."""
        self.look("V6", checkpoint.place)
        need(checkpoint.log == self.manifest["log"], "is about another log")
        known, comparable = self.keys.get(checkpoint.era), self.whole or checkpoint.size == self.last.size
        if receipt:
            included(receipt.leaf, receipt.index, checkpoint.size, receipt.proof, checkpoint.root)
            checkpoint.signed(receipt.key, checkpoint.origin)
            need(known in (None, (receipt.key, checkpoint.origin)), "the log is signed by another key")
            need(receipt.about["type"] in ("Ended", "Expired"), "is not about the event that closed a session")
            signed = receipt.signed
            need(not signed or said(signed, signed["key"]) == receipt.head, "its holder signed another head")
            stream = receipt.about["stream"]
            if not self.whole and stream != self.stream:
                return False
            parties = set() if stream in self.left_out or stream not in self.sessions else self.sessions[stream].parties
            need(not (signed and parties) or signed["key"] in parties, "is signed by nobody of the session")
        elif known or comparable:
            need(known, "is of an era that the export has no key of")
            checkpoint.signed(*known)
        if comparable:
            kept = self.restored.get(checkpoint.era, checkpoint.size)
            need(checkpoint.size <= kept, "lies in a break: it proves events that are gone")
            need(not self.whole or checkpoint.size <= len(self.leaves), "proves more events than there are")
            root = self.tree.root(checkpoint.size) if self.whole else self.last.root
            need(checkpoint.root == root, f"the root over {checkpoint.size} events is another")
        need(not receipt or self.leaves.get(receipt.index) == receipt.leaf, "its event is not in the export")
        return comparable or receipt is not None

    def result(self, compared):
        text = f"{self.manifest['events']} events, tree of {self.last.size}, {self.last.origin}, key {self.fingerprint}"
        left_out = sum(stream.startswith("session-") for stream in self.left_out)
        for count, what in ((self.lost, "checkpoints lie in a break"),
                            (left_out, "sessions with withheld bodies, left out in V7 and V8"),
                            (compared.count(False), "files that you named could not be compared")):
            text += f"; {count} {what}" if count else ""
        text += "" if self.whole or self.closed else f"; whether it went on after event {self.index}: not looked at"
        return (0, text) if self.key or any(compared) else (3, "only consistent in itself: " + text)

# ---- The command line

def judge(arguments):
    """(exit, check, place, text). Nothing is kept from one call to the next."""
    export = Export(None, [])
    try:
        rest, key, seen = form(arguments, [str]), None, []
        while len(rest) > 1 and rest[0] in ("--key", "--seen"):
            key, seen = (rest[1], seen) if rest[0] == "--key" else (key, seen + [rest[1]])
            rest = rest[2:]
        if len(rest) != 1 or rest[0].startswith("--") or not fits(key or "0" * 64, HEX):
            raise Unreadable("usage: verify.py [--key FINGERPRINT] [--seen FILE]... EXPORT | --batch FILE")
        export = Export(key, [read_seen(path) for path in seen])
        code, text = export.verify(rest[0])
        return code, "-", "-", text
    except (Unreadable, OSError, MemoryError) as error:
        return 2, "-", "-", str(error or type(error).__name__)
    except Exception as error:      # in the check and at the place that were looked at, if the export could be opened
        why = str(error) if type(error) is ValueError else f"cannot be read ({type(error).__name__} {error})"
        return (1, export.check, export.place, why) if export.check else (2, "-", "-", why)

def printable(text):
    return str(text).encode("unicode_escape").decode()

def batch(file):
    for line in file:
        try:
            code, check, place, text = judge(parse(line))
        except ValueError as error:
            code, check, place, text = 2, "-", "-", f"the line is not JSON: {error}"
        print(code, check, f"{printable(place)}: {printable(text)}", flush=True)
    return 0

def main(arguments):
    try:
        if len(arguments) == 2 and arguments[0] == "--batch":
            with open(arguments[1], "rb") as file:
                return batch(file)
    except OSError as error:
        return print(f"COULD NOT LOOK: {error}") or 2
    code, check, place, text = judge(arguments)
    print(["OK", f"WRONG {check} {printable(place)}:", "COULD NOT LOOK:", "UNANCHORED"][code], printable(text))
    return code

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
