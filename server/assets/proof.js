// What can be checked about a session's record without believing the server that shows it:
// bytes in, verdicts out. No page, no network. The checks are those of docs/log-format.md.

const utf8 = new TextEncoder();
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const KEYS = ['v', 'id', 'log', 'stream', 'version', 'type', 'schema', 'at', 'actor', '$causationId',
  '$correlationId', 'body', 'prev', 'sealed'];
const NOTE = /^([^\n]+)\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/]{43}=)\n\n\u2014 ([^\n ]+) ([A-Za-z0-9+/]+=*)\n$/u;
const ORIGIN = /^[A-Za-z0-9.:[\]-]{1,260}\/beckon\/([0-9a-f-]{36})\/(0|[1-9][0-9]*)$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** What was wrong with something; `code` names the words for it. */
class Wrong extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function unhex(text, length) {
  if (typeof text !== 'string' || text.length !== 2 * length || !/^[0-9a-f]*$/.test(text)) throw new Wrong('form');
  return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
}

/** Bytes from base64, which has one spelling. */
export function base64(text) {
  if (typeof text !== 'string') throw new Wrong('form');
  let binary;
  try {
    binary = atob(text);
  } catch {
    throw new Wrong('form');
  }
  if (btoa(binary) !== text) throw new Wrong('form');
  return Uint8Array.from(binary, (symbol) => symbol.charCodeAt(0));
}

export function same(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function joined(...parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', joined(...parts)));
}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The leaf hash of RFC 6962. */
export function leafOf(metadata) {
  return sha256(LEAF, metadata);
}

/** Whether `path` leads from the leaf at `index` to the root of a tree of `size` leaves: RFC 9162. */
export async function isIncluded(leaf, index, size, path, root) {
  let at = BigInt(index);
  let last = BigInt(size) - 1n;
  if (at > last) return false;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0n) return false;
    if ((at & 1n) === 1n || at === last) {
      hash = await sha256(NODE, sibling, hash);
      while ((at & 1n) === 0n) [at, last] = [at >> 1n, last >> 1n];
    } else {
      hash = await sha256(NODE, hash, sibling);
    }
    [at, last] = [at >> 1n, last >> 1n];
  }
  return last === 0n && same(hash, root);
}

/** Whether this browser can check Ed25519 signatures. */
export async function knowsEd25519() {
  try {
    // The first key of RFC 8032, 7.1.
    const key = unhex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 32);
    await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
    return true;
  } catch {
    return false;
  }
}

/** Whether `key` signed `bytes`. */
export async function isSigned(key, signature, bytes) {
  try {
    const imported = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', imported, signature, bytes);
  } catch {
    return false;
  }
}

/** What a checkpoint says. */
export function readNote(note) {
  const lines = NOTE.exec(note);
  const origin = lines && ORIGIN.exec(lines[1]);
  if (!origin || lines[4] !== lines[1]) throw new Wrong('note');
  const signature = base64(lines[5]);
  if (signature.length !== 68 || !Number.isSafeInteger(Number(lines[2]))) throw new Wrong('note');
  return {
    origin: lines[1],
    log: origin[1],
    size: Number(lines[2]),
    root: base64(lines[3]),
    keyId: signature.slice(0, 4),
    signature: signature.slice(4),
    text: utf8.encode(note.slice(0, note.indexOf('\n\n') + 1)),
  };
}

/** Whether the checkpoint is signed by the key of the log; null where that was not looked at. */
async function isNoteSigned(note, key, able) {
  const id = await sha256(utf8.encode(note.origin), Uint8Array.of(10, 1), key);
  if (!same(id.slice(0, 4), note.keyId)) return false;
  return able ? isSigned(key, note.signature, note.text) : null;
}

function readMetadata(bytes) {
  let text;
  let metadata;
  try {
    text = strict.decode(bytes);
    metadata = JSON.parse(text);
  } catch {
    throw new Wrong('form');
  }
  const fits = metadata !== null && typeof metadata === 'object'
    && Object.keys(metadata).join() === KEYS.join()
    // Written once more it is the same: no key stands in it twice, and nothing is hidden.
    && JSON.stringify(metadata) === text && metadata.v === 1 && TIME.test(metadata.at);
  if (!fits) throw new Wrong('form');
  return metadata;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[0-9]+|true|false|null/y;
const DEPTH = 16;

/**
 * Whether JSON is written as the log writes it: no space, whole numbers, the keys of each object in
 * the order of their bytes and so none twice. The text is known to be JSON.
 */
function isCanonical(text) {
  const keys = [];
  let before = '';
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    const found = TOKEN.exec(text);
    if (!found) return false;
    const token = found[0];
    if (token === '{' || token === '[') keys.push(token === '{' ? '' : null);
    if (keys.length > DEPTH) return false;
    if (token === '}' || token === ']') keys.pop();
    if (/^[0-9]/.test(token) && BigInt(token) >= 1n << 64n) return false;
    if (token === ':') {
      // Digits of bytes are in the order of the bytes; the mark keeps an empty key from being none.
      const key = `=${hex(utf8.encode(JSON.parse(before)))}`;
      if (key <= keys.at(-1)) return false;
      keys[keys.length - 1] = key;
    }
    before = token;
  }
  return true;
}

/** The fields of an event; beckon-audit refuses what this refuses. */
export function readData(bytes) {
  let text;
  let data;
  try {
    text = strict.decode(bytes);
    data = JSON.parse(text);
  } catch {
    throw new Wrong('data');
  }
  if (data === null || typeof data !== 'object' || Array.isArray(data) || !isCanonical(text)) throw new Wrong('data');
  return data;
}

/** Who may sign what: as far as the events before say. */
class Signers {
  agent = null;
  asked = null;
  holder = null;
  closed = null;

  /** What the event says about the signers of those after it. */
  learn(kind, data, version, leaf) {
    if (kind === 'Joined') this.agent = data.agent.ed25519;
    if (kind === 'ApprovalRequested') this.asked = { operator: data.operator, control: data.control.ed25519 };
    if (kind === 'Approved') this.holder = this.asked;
    if (kind === 'Ended' || kind === 'Expired') this.closed = { version, leaf };
  }

  key(kind, data) {
    const control = kind === 'HeadSigned' && data.by === 'control';
    return control ? this.holder && this.holder.control : this.agent;
  }
}

const spelled = (value) => JSON.stringify(value);

/** Whether the bytes of a statement say what its event says. */
function agrees(kind, data, bytes, session, signers) {
  if (kind === 'HeadSigned') {
    const { closed } = signers;
    if (!closed || data.version !== closed.version || data.leaf !== hex(closed.leaf)) return false;
    const version = new DataView(new ArrayBuffer(8));
    version.setBigUint64(0, BigInt(data.version));
    const head = joined(utf8.encode(`beckon/head/v1session-${session}`), new Uint8Array(version.buffer), closed.leaf);
    return same(bytes, head);
  }
  const text = strict.decode(bytes);
  const said = JSON.parse(text);
  if (said.v !== 1 || said.session !== session) return false;
  if (kind === 'Ended') return text === spelled({ v: 1, session, said: 'ended' });
  if (kind === 'AgentRemoved') {
    const { removed, left } = said.said.removed;
    return removed.length === data.removed.length && left.length === data.left.length
      && text === spelled({ v: 1, session, said: { removed: { removed, left } } });
  }
  const holder = kind === 'Approved' ? signers.asked : signers.holder;
  const until = kind === 'GrantWithdrawn' ? said.until : data.until;
  return text === spelled({ v: 1, session, operator: holder.operator, control: holder.control,
    actions: data.actions, until, n: data.n, limits: {} });
}

/** Whether an event needs a statement, and whether it holds; null where the signature was not looked at. */
async function isStated(kind, data, session, signers, able) {
  const needs = ['Approved', 'GrantExtended', 'GrantWithdrawn', 'AgentRemoved', 'HeadSigned'].includes(kind)
    || (kind === 'Ended' && data.by === 'user');
  if (!data.statement) return needs ? false : undefined;
  try {
    const { statement, key, sig } = data.statement;
    const bytes = base64(statement);
    const signature = base64(sig);
    if (key !== signers.key(kind, data) || !agrees(kind, data, bytes, session, signers)) return false;
    return able ? await isSigned(unhex(key, 32), signature, bytes) : null;
  } catch {
    return false;
  }
}

/**
 * Checks events of one session, the oldest first, one after the other.
 *
 * A verdict is `{ checks: [[code, true | false | null]], failed: code | null }`; null: not looked at.
 */
export class Checker {
  constructor(session, key) {
    this.session = session;
    this.key = unhex(key, 32);
    this.signers = new Signers();
    this.next = 0;
    this.prev = new Uint8Array(32);
    this.index = -1;
    this.at = '';
    this.log = null;
    this.notes = new Map();
  }

  /** The fingerprint of the key of the log. */
  async fingerprint() {
    return hex(await sha256(this.key));
  }

  async able() {
    this.canSign ??= await knowsEd25519();
    return this.canSign;
  }

  /** A checkpoint and whether it is signed. Throws where it is none. */
  async note(text) {
    if (!this.notes.has(text)) {
      const note = readNote(text);
      note.signed = await isNoteSigned(note, this.key, await this.able());
      this.notes.set(text, note);
    }
    return this.notes.get(text);
  }

  /**
   * The verdict about one event under a checkpoint. `shown` is what the page says about it:
   * its kind and time.
   */
  async event({ index, metadata, data, proof }, note, shown) {
    const checks = [];
    const say = (code, verdict) => checks.push([code, verdict]);
    const version = this.next;
    this.next += 1;
    let leaf = new Uint8Array(32);
    try {
      const bytes = base64(metadata);
      const body = base64(data);
      leaf = await leafOf(bytes);
      const read = readMetadata(bytes);
      this.log ??= read.log;
      say('form', read.stream === `session-${this.session}` && read.log === this.log && read.log === note.log);
      say('order', read.version === version && read.at >= this.at && index > this.index);
      say('body', hex(await sha256(body)) === read.body);
      say('chain', read.prev === hex(this.prev));
      const path = proof.map((hash) => unhex(hash, 32));
      say('tree', await isIncluded(leaf, index, note.size, path, note.root));
      say('note', note.signed);
      say('shown', read.type === shown.kind && read.at === shown.at);
      const fields = readData(body);
      const stated = await isStated(read.type, fields, this.session, this.signers, await this.able());
      if (stated !== undefined) say('statement', stated);
      this.at = read.at;
      // What is missing is said once, not by all that follow it.
      if (Number.isSafeInteger(read.version)) this.next = read.version + 1;
      this.signers.learn(read.type, fields, version, leaf);
    } catch (error) {
      say(error instanceof Wrong ? error.code : 'form', false);
    }
    this.prev = leaf;
    this.index = Math.max(this.index, Number(index) || 0);
    const failed = checks.find(([, verdict]) => verdict === false);
    return { checks, failed: failed ? failed[0] : null };
  }
}
