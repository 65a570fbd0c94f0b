// Every form: sent once, and the error summary has the focus.

/** @type {WeakSet<HTMLFormElement>} */
const sending = new WeakSet();

document.addEventListener('submit', (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.method !== 'post' || event.defaultPrevented) return;
  if (sending.has(form)) {
    event.preventDefault();
    return;
  }
  sending.add(form);
  window.setTimeout(ready, 20_000);
  const button = /** @type {HTMLElement | null} */ (/** @type {SubmitEvent} */ (event).submitter);
  button?.setAttribute('aria-busy', 'true');
});

// A page that comes back from the browser's memory, or that a download left standing, may send again.
window.addEventListener('pageshow', ready);
document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') ready(); });

function ready() {
  for (const form of document.forms) sending.delete(form);
  for (const button of document.querySelectorAll('button[aria-busy]')) button.removeAttribute('aria-busy');
}

const summary = /** @type {HTMLElement | null} */ (document.querySelector('.error-summary'));
summary?.focus();
summary?.addEventListener('click', (event) => {
  const link = /** @type {Element} */ (event.target).closest('a');
  const id = link?.getAttribute('href')?.slice(1);
  const field = id ? document.getElementById(id) : null;
  if (!field) return;
  event.preventDefault();
  field.closest('.field')?.scrollIntoView({ block: 'start' });
  field.focus({ preventScroll: true });
});
