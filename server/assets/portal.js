// Local times, copying, dialogs, what is live, opening Control, and the idle warning.
'use strict';
(() => {
  const root = document.documentElement;
  const at = (id) => document.getElementById(id);
  root.classList.add('script');

  // Times in the viewer's zone, the exact UTC on hover.
  const zone = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  const second = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
  function localise() {
    for (const time of document.querySelectorAll('time[datetime]:not([title])')) {
      const exact = time.dateTime;
      time.title = `${exact.slice(0, 10)} ${exact.slice(11, 19)} UTC`;
      time.textContent = (time.closest('#events, #then') ? second : zone).format(new Date(exact));
    }
  }

  // Copying.
  async function copy(button) {
    const source = at(button.dataset.copy);
    const text = 'value' in source && source.tagName === 'INPUT' ? source.value : source.textContent.trim();
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = document.createElement('textarea');
      field.value = text;
      button.after(field);
      field.select();
      document.execCommand('copy');
      field.remove();
      button.focus();
    }
    const words = button.textContent;
    const copied = document.body.dataset.copied;
    if (words === copied) return;
    button.textContent = copied;
    at('said').textContent = copied;
    setTimeout(() => { button.textContent = words; at('said').textContent = ''; }, 2000);
  }

  // Dialogs: parts of pages that the server writes.
  const dialog = at('dialog');
  function closeDialog() {
    dialog.close();
  }
  if (dialog) {
    dialog.addEventListener('close', () => at('dialog-body').replaceChildren());
  }

  // Opening Control.
  const notes = new Map();
  function showNotes() {
    for (const place of document.querySelectorAll('[data-note]')) {
      const note = notes.get(place.dataset.note);
      const shown = Boolean(note) && document.querySelector(`[data-launch="${place.dataset.note}"]`) !== null;
      place.hidden = !shown;
      if (!shown || place.childElementCount) continue;
      place.append(at('not-opened').content.cloneNode(true));
      place.querySelector('[data-again]').addEventListener('click', () => launch(place.dataset.note, note));
    }
  }
  async function launch(id, wanted) {
    const form = document.querySelector(`[data-launch="${id}"]`);
    if (!form) return;
    notes.delete(id);
    showNotes();
    const csrf = form.elements.csrf.value;
    const post = (path, fields) => fetch(path, {
      method: 'POST',
      headers: { Accept: 'application/json' },
      body: new URLSearchParams({ csrf, ...fields }),
    });
    const issued = await post(form.getAttribute('action'), { wanted });
    if (issued.status === 401) return location.assign('/sign-in?after=idle');
    if (!issued.ok) return location.reload();
    const { link, token } = await issued.json();
    location.href = link;
    setTimeout(async () => {
      const asked = await post('/launches', { token });
      if (asked.ok && (await asked.json()).redeemed) return;
      notes.set(id, wanted);
      showNotes();
    }, 3000);
  }

  document.addEventListener('click', (event) => {
    const target = event.target.closest('[data-copy], [data-close], [data-dialog]');
    if (!target) return;
    if ('dialog' in target.dataset) {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      // Not from the link: it may be replaced before the answer is there.
      return htmx.ajax('GET', target.getAttribute('href'), { target: '#dialog-body' });
    }
    if (target.dataset.copy) return copy(target);
    if (dialog && dialog.open && dialog.contains(target)) {
      event.preventDefault();
      closeDialog();
    }
  });
  document.addEventListener('submit', (event) => {
    const id = event.target.dataset.launch;
    if (!id || !event.submitter) return;
    event.preventDefault();
    launch(id, event.submitter.value);
  });
  document.addEventListener('keydown', (event) => {
    const button = event.key === 'Enter' && event.target.dataset && event.target.dataset.enter;
    if (!button) return;
    event.preventDefault();
    at(button).click();
  });
  document.body.addEventListener('htmx:beforeSwap', (event) => {
    const shown = event.detail.target.querySelector('[data-version]');
    const version = /data-version="([0-9a-f]+)"/.exec(event.detail.xhr.responseText);
    // Nothing new: whatever is about to be clicked stays where it is.
    if (shown && version && shown.dataset.version === version[1]) event.detail.shouldSwap = false;
  });
  document.body.addEventListener('htmx:afterSwap', (event) => {
    if (event.detail.target.id === 'dialog-body' && !dialog.open) dialog.showModal();
    const first = event.detail.target.querySelector('[autofocus]');
    if (first) {
      first.focus();
      if (first.select) first.select();
    }
    localise();
    showNotes();
    const titled = event.detail.target.querySelector('[data-title]');
    if (titled && document.title !== titled.dataset.title) {
      document.title = titled.dataset.title;
      at('said').textContent = titled.dataset.title;
    }
  });

  // A list that was filtered without loading the page has an address of its own.
  document.body.addEventListener('htmx:afterSettle', () => {
    const list = document.querySelector('[data-url]');
    if (list && list.dataset.url !== location.pathname + location.search) {
      history.replaceState(null, '', list.dataset.url);
    }
  });

  // What is live: one stream, closed while nobody looks.
  const live = document.querySelector('[data-live]');
  let stream = null;
  let again = 0;
  let lost = 0;
  function isLive(works) {
    clearTimeout(lost);
    if (works) at('live-lost').hidden = true;
    else lost = setTimeout(() => { at('live-lost').hidden = false; }, 5000);
  }
  function listen() {
    clearTimeout(again);
    if (!live || stream || document.hidden) return;
    stream = new EventSource(live.dataset.live);
    stream.addEventListener('open', () => isLive(true));
    stream.addEventListener('changed', () => htmx.trigger(live, 'changed'));
    stream.addEventListener('error', async () => {
      isLive(false);
      if (!stream || stream.readyState !== EventSource.CLOSED) return;
      stream = null;
      await stillSignedIn();
      again = setTimeout(listen, 3000);
    });
  }
  function deafen() {
    clearTimeout(again);
    clearTimeout(lost);
    if (stream) stream.close();
    stream = null;
  }
  document.addEventListener('visibilitychange', () => { if (document.hidden) deafen(); else listen(); });
  addEventListener('pagehide', deafen);
  addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });

  // The idle warning. The server alone counts; looking at it is no activity.
  const idle = at('idle');
  let timer = 0;
  function leave() {
    const next = encodeURIComponent(location.pathname + location.search);
    location.assign(`/sign-in?after=idle&next=${next}`);
  }
  async function left(method, body) {
    try {
      const answer = await fetch('/web-session', { method, body, headers: { Accept: 'application/json' } });
      if (answer.status === 401) leave();
      return answer.ok ? (await answer.json()).left : 30;
    } catch {
      return 30;
    }
  }
  async function stillSignedIn() {
    if (idle) watch(await left('GET'));
  }
  function watch(seconds) {
    clearTimeout(timer);
    if (seconds > 120) {
      if (idle.open) idle.close();
      timer = setTimeout(stillSignedIn, (seconds - 120) * 1000);
    } else {
      if (!idle.open) idle.showModal();
      timer = setTimeout(stillSignedIn, Math.min(Math.max(seconds, 1), 10) * 1000);
    }
  }
  if (idle) {
    at('stay').addEventListener('click', async () => {
      watch(await left('POST', new URLSearchParams({ csrf: idle.dataset.csrf })));
    });
    idle.addEventListener('cancel', (event) => event.preventDefault());
    watch(Number(idle.dataset.left));
  }

  localise();
  listen();
})();
