"""The forms of docs/log-format.md: bytes, JSON, the tree, checkpoints, statements, receipts.

What does not have its form raises; verify.py says in which check and at which place that happened.
"""
import base64, datetime, hashlib, json, os, re
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

class Unreadable(Exception):
    """The verifier could not look: nothing is said about the export (exit 2)."""

def need(holds, why):
    if not holds: raise ValueError(why)

# ---- Bytes, JSON and forms -----------------------------------------------------------------------------------------

def sha(data): return hashlib.sha256(data).digest()
def node(left, right): return sha(b"\1" + left + right)
def hex64(text): return bytes.fromhex(form(text, HEX))
def time(text): return re.fullmatch(TIME, text) and datetime.datetime.fromisoformat(text[:-1])

def b64(text, length=None):
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text, "base64 is not strict")
    need(length in (None, len(data)), "base64 of a wrong length")
    return data

def fits(value, shape):
    """A shape is a type, a pattern, a function, an object of shapes, [one for all entries], or (one, another)."""
    match shape:
        case type(): return type(value) is shape
        case str(): return type(value) is str and re.fullmatch(shape, value) is not None
        case list(): return type(value) is list and all(fits(entry, shape[0]) for entry in value)
        case tuple(): return any(fits(value, one) for one in shape)
        case dict():
            return type(value) is dict and value.keys() == shape.keys() and all(fits(value[k], shape[k]) for k in shape)
        case int(): return type(value) is int and value == shape
    return shape(value) is not None

def form(value, shape, why="does not have its form"):
    need(fits(value, shape), why)
    return value

def whole(text):
    need(text.isdigit() and int(text[:21]) < 2**64, "a number is not whole, or too large")
    return int(text)

def unique(pairs):
    need(len(dict(pairs)) == len(pairs), "a key stands twice")
    return dict(pairs)

def ordered(pairs):
    need(all(a[0] < b[0] for a, b in zip(pairs, pairs[1:])), "keys are not in their order")
    return dict(pairs)

def parse(text, pairs=unique, compact=False):
    """JSON as V0 wants it: whole numbers, unique keys, 16 deep; `compact`: no white space between the tokens."""
    bare, depth = STRING.sub(b"", text), 0
    need(not (compact and re.search(rb"[ \t\r\n]", bare)), "white space between the tokens")
    for bracket in re.findall(rb"[][{}]", bare):
        depth += 1 if bracket in b"[{" else -1
        need(depth <= 16, "JSON nests too deep")
    value = json.loads(text.decode(), object_pairs_hook=pairs, parse_int=whole, parse_float=whole, parse_constant=whole)
    json.dumps(value, ensure_ascii=False).encode()      # refuses half of a surrogate pair
    return value

def signature(key, sig, data):
    try:
        Ed25519PublicKey.from_public_bytes(hex64(key)).verify(sig, data)
    except Exception:
        raise ValueError(f"the signature by {key} does not hold") from None

LINE, METADATA_MAX, DATA_MAX, SMALL, ZIP = 131_072, 8_192, 65_536, 64 << 20, 8 << 30         # in bytes
UUID, HEX, NUMBER = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[0-9a-f]{64}", "(0|[1-9][0-9]{0,19})"
TIME = r"(?:19[7-9]|[2-9][0-9]{2})[0-9]-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
ORIGIN = f"[A-Za-z0-9.:\\[\\]-]{{1,260}}/beckon/(?P<log>{UUID})/(?P<era>{NUMBER})"
NOTE = f"(?P<text>(?P<origin>{ORIGIN})\n(?P<size>{NUMBER})\n(?P<root>[^\n]+)\n)\n— (?P=origin) (?P<sig>[^\n]+)\n"
BEGIN = "-----BEGIN BECKON RECEIPT-----\n"
BLOCK = BEGIN + "((?:[A-Za-z0-9+/=]{1,64}\n)+)-----END BECKON RECEIPT-----\n*\\Z"
STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.S)
EVENT = rb'"metadata":"([^"]*)","data":(?:"([^"]*)"|null)'
IN_LOG = re.compile(rb"\{()" + EVENT + rb"()\}\n")
IN_SESSION = re.compile(rb'\{"index":(0|[1-9][0-9]{0,19}),' + EVENT
                        + rb',"proof":\[((?:"[0-9a-f]{64}"(?:,"[0-9a-f]{64}")*)?)\]\}\n')
NULL, STREAM, SUBJECT = type(None), f"(session|operator|account)-{UUID}|node-.+", f"(user|operator|address):{UUID}"
METADATA = {"v": 1, "id": UUID, "log": UUID, "stream": STREAM, "version": int, "type": ".+", "schema": int, "at": time,
            "actor": {"kind": "operator|user|agent|policy|system", "id": (UUID, NULL)},
            "$causationId": UUID, "$correlationId": UUID, "body": HEX, "prev": HEX, "sealed": [str]}
SEALED = {"$s": SUBJECT, "c": b64, "n": b64}
STATEMENT = {"key": HEX, "sig": b64, "statement": b64}
MANIFEST = {"format": "beckon-export", "v": 1, "kind": "log|session", "session": (UUID, NULL), "log": UUID,
            "origin": ORIGIN, "size": int, "events": int, "created": time, "build": str, "names": "none|some|all",
            "files": [{"path": str, "bytes": int, "sha256": HEX}]}
GRANT = {"v": 1, "session": UUID, "operator": UUID, "control": HEX, "actions": [str], "until": time, "n": int,
         "limits": {}}
ENDED = {"v": 1, "session": UUID, "said": "ended"}
REMOVED = {"v": 1, "session": UUID, "said": {"removed": {"removed": [HEX], "left": [HEX]}}}
KEYS = {"account": HEX, "log": [{"era": int, "key": HEX, "origin": ORIGIN}]}
PROOF = {"metadata": b64, "index": int, "proof": [HEX], "checkpoint": str, "log_key": HEX}

# ---- Tree, checkpoints, receipts -----------------------------------------------------------------------------------

class Tree:
    """The tree of RFC 6962: levels[h][i] is the root over the leaves i * 2^h to (i + 1) * 2^h - 1."""
    def __init__(self): self.levels = [[]]

    def add(self, leaf, height=0):
        self.levels[height].append(leaf)
        self.levels += [[]] if height + 1 == len(self.levels) else []
        if len(self.levels[height]) % 2 == 0:
            self.add(node(*self.levels[height][-2:]), height + 1)

    def root(self, size):
        root = None
        for height in range(size.bit_length()):
            if size >> height & 1:
                peak = self.levels[height][(size >> height) - 1]
                root = node(peak, root) if root else peak
        return root or sha(b"")

def included(leaf, index, size, proof, root):
    """RFC 9162, 2.1.3.2: the proof leads from the leaf to the root."""
    last = size - 1
    need(index <= last, "lies behind the end of the tree")
    for other in proof:
        need(last > 0, "the inclusion proof is too long")
        right = index & 1 or index == last
        while right and index and not index & 1:
            index, last = index >> 1, last >> 1
        leaf, index, last = node(other, leaf) if right else node(leaf, other), index >> 1, last >> 1
    need(last == 0 and leaf == root, "the inclusion proof does not lead to the root")

def tiles(size, most):
    """The tiles of a tree, or as many as show that there are more than `most`: (level, number) -> path, width."""
    found, level = {}, 0
    while size:
        for number in range(min(size + 255 >> 8, most + 1 - len(found))):
            *high, low = f"{number:,}".split(",")
            path, width = "".join(f"x{part:0>3}/" for part in high) + f"{low:0>3}", min(256, size - 256 * number)
            found[level, number] = f"tiles/{level}/{path}" + (f".p/{width}" if width < 256 else ""), width
        size, level = size >> 8, level + 1
    return found

class Checkpoint:
    """The five lines of a checkpoint; `place` is the file that it is in."""
    def __init__(self, text, place):
        lines = re.fullmatch(NOTE, text)
        need(lines, "is not a checkpoint")
        self.place, self.text, self.origin, self.log = place, lines["text"], lines["origin"], lines["log"]
        self.era, self.size = whole(lines["era"]), whole(lines["size"])
        self.root, self.sig = b64(lines["root"], 32), b64(lines["sig"], 68)

    def signed(self, key, origin):
        """V4: by this key, under this origin."""
        need(self.origin == origin, "the checkpoint has another origin than its key")
        need(self.sig[:4] == sha(origin.encode() + b"\n\1" + hex64(key))[:4], "the checkpoint is signed by another key")
        signature(key, self.sig[4:], self.text.encode())

def head(stream, version, leaf):
    return b"beckon/head/v1" + stream.encode() + form(version, int).to_bytes(8, "big") + leaf

def said(statement, key):
    """The bytes of a statement, once they are signed by this key."""
    need(form(statement, STATEMENT)["key"] == key, "the statement is not by the key that it should be by")
    signature(key, b64(statement["sig"]), b64(statement["statement"]))
    return b64(statement["statement"])

def spelled(text, shape):
    """What is signed, in its one spelling: the keys in their order, nothing between the tokens."""
    value = form(parse(text), shape, "what is signed is no such document")
    need(json.dumps(in_order(value, shape), separators=(",", ":")).encode() == text, "what is signed is spelled otherwise")
    return value

def in_order(value, shape):
    return {key: in_order(value[key], shape[key]) for key in shape} if type(shape) is dict else value

class Receipt:
    """A receipt proof; of a receipt file also the statement that its holder signed."""
    def __init__(self, proof, signed, place):
        self.about, self.leaf = parse(b64(form(proof, PROOF)["metadata"])), sha(b"\0" + b64(proof["metadata"]))
        self.index, self.proof, self.key = proof["index"], [hex64(one) for one in proof["proof"]], proof["log_key"]
        self.checkpoint, self.signed = Checkpoint(proof["checkpoint"], place), form(signed, (NULL, STATEMENT))
        self.head = head(self.about["stream"], self.about["version"], self.leaf)

def read_seen(path):
    """What the caller has seen before: a checkpoint, and the receipt that it is from or None."""
    try:
        need(os.path.isfile(path) and os.path.getsize(path) <= 1 << 20, "no such file, or it is too large")
        with open(path, "rb") as file:
            text = file.read().decode().replace("\r\n", "\n")
        blocks, place = re.findall(BLOCK, text), os.path.basename(path)
        if BEGIN not in text:
            return Checkpoint(text, place), None
        need(len(blocks) == text.count(BEGIN) == 1, "not one whole receipt")
        block = parse(b64(blocks[0].replace("\n", "")))
        need(fits(block["v"], 1), "a receipt of another version")
        receipt = Receipt(block["proof"], form(block["signed"], STATEMENT), place)
        return receipt.checkpoint, receipt
    except Exception as error:
        raise Unreadable(f"{path} is neither a checkpoint nor a receipt: {error or type(error)}") from None

