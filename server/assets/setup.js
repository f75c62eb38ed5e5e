// Sends on what stands after the "#": fragments never reach a server by themselves.
'use strict';
(() => {
  const token = location.hash.slice(1);
  if (!token) return;
  history.replaceState(null, '', location.pathname);
  document.getElementById('token').value = token;
  document.getElementById('setup-form').requestSubmit();
})();
