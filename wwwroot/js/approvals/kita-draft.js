// <kita-draft>: keeps what is being written every ten seconds and on leaving, and shows the route for what is chosen.

const KEEP_EVERY_MS = 10_000;

class KitaDraft extends HTMLElement {
  #dirty = false;
  #sent = false;

  connectedCallback() {
    const form = this.querySelector('form');
    if (!form) return;
    form.addEventListener('input', () => { this.#dirty = true; });
    form.addEventListener('change', (event) => {
      const kind = /** @type {HTMLInputElement} */ (event.target).type;
      if (kind === 'radio' || kind === 'checkbox' || kind === 'select-one') this.#showRoute(form);
    });
    form.addEventListener('submit', () => { this.#sent = true; });
    window.addEventListener('pageshow', () => { this.#sent = false; });
    document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') this.#keep(form); });
    window.setInterval(() => this.#keep(form), KEEP_EVERY_MS);
  }

  /** @param {HTMLFormElement} form */
  async #keep(form) {
    if (!this.#dirty || this.#sent || !this.dataset.keep) return;
    this.#dirty = false;
    const kept = this.querySelector('[data-kept]');
    try {
      const answer = await fetch(this.dataset.keep, { method: 'POST', body: new FormData(form), keepalive: true });
      if (!answer.ok) throw new Error(String(answer.status));
      const now = new Date();
      if (kept) kept.textContent = `${now.getHours()}:${String(now.getMinutes()).padStart(2, '0')} に下書きを保存しました`;
    } catch {
      this.#dirty = true;
      if (kept) kept.textContent = '下書きを保存できません。接続を確かめています。';
    }
  }

  /** @param {HTMLFormElement} form */
  async #showRoute(form) {
    const list = this.querySelector('[data-route-list]');
    if (!list || !this.dataset.route) return;
    const answer = await fetch(this.dataset.route, { method: 'POST', body: new FormData(form), headers: { 'X-Part': 'route' } }).catch(() => undefined);
    if (answer?.ok) list.innerHTML = await answer.text();
  }
}

customElements.define('kita-draft', KitaDraft);
