// The replay page: scrubbing, playing, opening events, and checking the record in the browser.
import { Checker } from '/assets/proof.js';

const at = (id) => document.getElementById(id);
const player = at('player');
const check = at('check');
const scrub = at('scrub');
const rows = [...document.querySelectorAll('#events > li')];
const places = [...document.querySelectorAll('[data-tick]')].map((tick) => Number(tick.dataset.place));
const needles = document.querySelectorAll('.needle');
const last = rows.length - 1;
let now = Number(player.dataset.at);

// The server's words, by name.
function words(name, filled = {}) {
  const found = document.querySelector(`#words [data-word="${name}"]`);
  return (found ? found.textContent : name).replace(/\{(\w+)\}/g, (_, key) => filled[key]);
}

// Times in the viewer's zone, to the second.
const zone = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
function localise(within) {
  for (const time of within.querySelectorAll('time.exact:not([data-local])')) {
    time.textContent = zone.format(new Date(time.dateTime));
    time.dataset.local = '';
  }
}

// The point in time.
function point(place) {
  const percent = `${place / 1000}%`;
  for (const needle of needles) {
    needle.setAttribute('x1', percent);
    needle.setAttribute('x2', percent);
  }
  scrub.value = place;
}
function show(index, spoken) {
  const next = Math.max(0, Math.min(last, index));
  at(`step-${now}`).hidden = true;
  rows[now].removeAttribute('aria-current');
  now = next;
  at(`step-${now}`).hidden = false;
  rows[now].setAttribute('aria-current', 'step');
  point(places[now]);
  const title = document.querySelector(`[data-tick="${now}"] a`).getAttribute('aria-label');
  scrub.setAttribute('aria-valuetext', title);
  at('previous').href = `?at=${Math.max(0, now - 1)}`;
  at('next').href = `?at=${Math.min(last, now + 1)}`;
  history.replaceState(null, '', `?at=${now}`);
  if (spoken) at('said').textContent = title;
}
function nearest(place) {
  let best = 0;
  places.forEach((tick, index) => {
    if (Math.abs(tick - place) < Math.abs(places[best] - place)) best = index;
  });
  return best;
}

// Playing: time runs as it ran, but for long gaps.
const GAP = 5000;
const times = rows.map((row) => new Date(row.dataset.at).getTime());
let playing = null;
function stop() {
  if (!playing) return;
  cancelAnimationFrame(playing.frame);
  playing = null;
  at('play').textContent = player.dataset.play;
  at('play').setAttribute('aria-pressed', 'false');
  point(places[now]);
}
function advance(moment) {
  if (!playing) return;
  const speed = Number(at('speed').value);
  const length = Math.min((times[now + 1] - times[now]) / speed, GAP);
  playing.since ??= moment;
  const done = length > 0 ? (moment - playing.since) / length : 1;
  if (done >= 1) {
    playing.since = moment;
    show(now + 1, false);
    if (now === last) return stop();
  } else {
    point(places[now] + (places[now + 1] - places[now]) * done);
  }
  playing.frame = requestAnimationFrame(advance);
}
function play() {
  if (playing) return stop();
  if (now === last) show(0, false);
  if (now === last) return;
  playing = { frame: requestAnimationFrame(advance) };
  at('play').textContent = player.dataset.stop;
  at('play').setAttribute('aria-pressed', 'true');
}
const GO = { first: () => 0, previous: () => now - 1, next: () => now + 1, last: () => last };
function go(where) {
  stop();
  show(where in GO ? GO[where]() : Number(where), true);
}

at('play').addEventListener('click', play);
scrub.addEventListener('input', () => {
  const index = nearest(Number(scrub.value));
  stop();
  show(index, false);
});
document.addEventListener('click', (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  const target = event.target.closest('[data-go], [data-tick]');
  if (!target) return;
  event.preventDefault();
  go(target.dataset.go ?? target.dataset.tick);
});
const KEYS = { ArrowLeft: 'previous', ArrowUp: 'previous', ArrowRight: 'next', ArrowDown: 'next', Home: 'first', End: 'last' };
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const on = event.target;
  const own = on !== scrub && on.closest('input, select, textarea, pre, dialog');
  // Up, down, Home and End move the page everywhere but on the timeline.
  const scrolls = !['ArrowLeft', 'ArrowRight'].includes(event.key) && !player.contains(on);
  if (event.key === ' ' && !own && (on === scrub || on === document.body || on.id === 'main')) {
    event.preventDefault();
    play();
  } else if (event.key in KEYS && !own && !scrolls) {
    event.preventDefault();
    go(KEYS[event.key]);
  }
});

// Opened events.
const proved = new Map();
const verdicts = new Map();
const utf8 = new TextDecoder();
function decoded(base64) {
  return utf8.decode(Uint8Array.from(atob(base64), (symbol) => symbol.charCodeAt(0)));
}
/** Whether the bytes that an opened event shows are those that were checked. */
function showsChecked(index) {
  const event = proved.get(index);
  const shown = rows[index].querySelectorAll('[data-bytes]');
  return !event || [...shown].every((place) => place.textContent === decoded(event[place.dataset.bytes]));
}
function write(index) {
  const verdict = verdicts.get(index);
  if (!verdict) return;
  const failed = verdict.failed ?? (showsChecked(index) ? null : 'bytes');
  const partly = verdict.checks.some(([, made]) => made === null);
  const kind = failed ? 'wrong' : partly ? 'partly' : 'ok';
  const mark = rows[index].querySelector('.mark');
  mark.dataset.mark = kind;
  mark.textContent = words(`mark-${kind}`);
  document.querySelector(`[data-tick="${index}"]`).classList.toggle('bad', kind === 'wrong');
  const list = rows[index].querySelector('[data-checks]');
  if (!list) return;
  const said = verdict.checks.map(([code, made]) => [made === null ? 'partly' : made ? 'ok' : 'wrong', code]);
  if (failed === 'bytes') said.push(['wrong', 'bytes']);
  list.replaceChildren(...said.map(([made, code]) => {
    const line = document.createElement('li');
    line.dataset.made = made;
    const told = words(`${code}-${made === 'partly' ? 'skipped' : made}`);
    line.textContent = made === 'wrong' ? `${words('mark-wrong')}: ${told}` : told;
    return line;
  }));
}
async function open(details) {
  const row = details.closest('li');
  const place = details.querySelector('.opened');
  if (!place.querySelector('[data-bytes]')) {
    const answer = await fetch(`${player.dataset.path}/event?at=${row.dataset.event}`, { headers: { 'HX-Request': 'true' } });
    if (answer.status === 401) return location.reload();
    if (!answer.ok) return;
    place.innerHTML = await answer.text();
    localise(place);
  }
  const index = Number(row.dataset.event);
  write(index);
  // A check that is under way looks at its end; one that is over must not go on saying “verified”.
  if (!under && verdicts.has(index) && !showsChecked(index) && ['ok', 'partly'].includes(check.dataset.verdict)) {
    conclude('wrong', words('wrong', { number: index + 1, why: words('bytes-wrong') }));
  }
}
document.addEventListener('toggle', (event) => {
  if (event.target.open && event.target.closest('#events')) open(event.target);
}, true);

// The check.
function conclude(kind, sentence, fingerprint) {
  check.dataset.verdict = kind;
  at('verdict').textContent = sentence;
  if (fingerprint) at('fingerprint').textContent = fingerprint;
  const advice = { ok: 'compare', partly: 'compare', wrong: 'rely' }[kind];
  at('compare').textContent = advice ? words(advice) : '';
}
async function prove() {
  if (!globalThis.crypto || !crypto.subtle) return conclude('wrong', words('unable'));
  conclude('busy', words('checking', { all: rows.length }));
  proved.clear();
  verdicts.clear();
  const marks = (index) => ({ kind: rows[index].dataset.kind, at: rows[index].dataset.at });
  let checker = null;
  let note = null;
  let done = 0;
  let partly = false;
  try {
    for (let from = 0; from !== null;) {
      const answer = await fetch(`${check.dataset.proof}?from=${from}`, { headers: { Accept: 'application/json' } });
      if (answer.status === 401) return location.reload();
      if (!answer.ok) throw new Error(String(answer.status));
      const proof = await answer.json();
      checker ??= new Checker(check.dataset.session, proof.log_key);
      note = await checker.note(proof.checkpoint);
      for (const event of proof.events) {
        const index = done;
        done += 1;
        // What came after the page was opened is counted, not shown.
        if (index > last) continue;
        const verdict = await checker.event(event, note, marks(index));
        proved.set(index, event);
        verdicts.set(index, verdict);
        partly ||= verdict.checks.some(([, made]) => made === null);
        write(index);
      }
      from = proof.next === null || proof.next > from ? proof.next : null;
    }
  } catch (error) {
    if (error && error.code) return conclude('wrong', words('wrong-note', { why: words('note-wrong') }));
    return conclude('wrong', words('unreachable'));
  }
  const fingerprint = await checker.fingerprint();
  if (note.signed === false) return conclude('wrong', words('wrong-note', { why: words('note-wrong') }), fingerprint);
  // Events may have been opened meanwhile, so this is asked last.
  const bad = [...verdicts].map(([index, { failed }]) => [index, failed ?? (showsChecked(index) ? null : 'bytes')])
    .filter(([, code]) => code);
  if (bad.length) {
    const [index, code] = bad[0];
    const more = bad.length > 1 ? ` ${words('wrong-more', { more: bad.length - 1 })}` : '';
    return conclude('wrong', words('wrong', { number: index + 1, why: words(`${code}-wrong`) }) + more, fingerprint);
  }
  if (done < rows.length) return conclude('wrong', words('wrong-count', { all: rows.length, proved: done }), fingerprint);
  const more = done > rows.length ? ` ${words('went-on', { more: done - rows.length })}` : '';
  const kind = partly ? 'partly' : 'ok';
  const sentence = words(partly ? 'partly' : 'verified', { all: rows.length, size: note.size });
  conclude(kind, `${sentence}:${more}`, fingerprint);
}
let under = null;
function again() {
  under ??= prove().finally(() => { under = null; });
}
at('again').addEventListener('click', again);

localise(document);
if (location.hash) {
  const row = at(location.hash.slice(1));
  const details = row && row.querySelector('details');
  if (details) details.open = true;
}
again();
