// Fills in who waits and the code of the link that was opened.
'use strict';
(() => {
  const at = (id) => document.getElementById(id);
  const show = (id, shown) => { at(id).hidden = !shown; };

  function fill({ waiting, code, name }) {
    at('waiting').textContent = waiting;
    at('code').textContent = code;
    for (const link of document.querySelectorAll('a[data-exe]')) {
      link.download = name + link.dataset.exe;
    }
    const run = at('run');
    if (run) run.textContent = `chmod +x ${name} && ./${name}`;
    show('ready', true);
  }

  async function open() {
    const token = location.hash.slice(1).split('.')[0];
    if (!token) return;
    show('typed', false);
    show('invalid', false);
    show('ready', false);
    const form = at('link-form');
    form.elements.token.value = token;
    const body = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(form.action, { method: 'POST', body });
      if (answer.ok) return fill(await answer.json());
      // A form that is out of date is not a link that is.
      if (answer.status === 403) return location.reload();
      if (answer.status !== 404) return show('typed', true);
      show('invalid', true);
    } catch {
      show('typed', true);
    }
  }

  addEventListener('hashchange', open);
  open();
})();
