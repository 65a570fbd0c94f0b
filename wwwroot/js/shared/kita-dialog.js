// <kita-dialog>: an opener and its <dialog>. The opener is a link to a page that does the same, so it works without script.
//   <kita-dialog><a class="button" href="/…" data-open>…</a><dialog class="dialog" aria-labelledby="…">…<button data-close>…</button></dialog></kita-dialog>

class KitaDialog extends HTMLElement {
  connectedCallback() {
    const dialog = this.querySelector('dialog');
    const opener = /** @type {HTMLElement | null} */ (this.querySelector('[data-open]'));
    if (!dialog || !opener) return;
    opener.setAttribute('aria-haspopup', 'dialog');
    if (opener instanceof HTMLAnchorElement) opener.setAttribute('role', 'button');
    opener.addEventListener('click', (event) => {
      event.preventDefault();
      dialog.showModal();
    });
    opener.addEventListener('keydown', (event) => {
      if (event.key !== ' ' || !(opener instanceof HTMLAnchorElement)) return;
      event.preventDefault();
      dialog.showModal();
    });
    dialog.addEventListener('click', (event) => {
      const target = /** @type {Element} */ (event.target);
      if (target === dialog || target.closest('[data-close]')) dialog.close();
    });
    dialog.addEventListener('close', () => {
      opener.focus();
      this.dispatchEvent(new CustomEvent('kita-dialog-closed', { bubbles: true, detail: { value: dialog.returnValue } }));
    });
  }
}

customElements.define('kita-dialog', KitaDialog);
