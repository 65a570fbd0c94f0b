// <kita-progress data-src="/api/…">: asks how far a long piece of work is and shows it; says when it is done.
// The answer is {done, total, text, finished}; the page shows the state it was sent with until the first answer.

/** @typedef {{ done: number, total: number, text?: string, finished?: boolean, href?: string }} Progress */

class KitaProgress extends HTMLElement {
  /** @type {number | undefined} */
  #timer;

  connectedCallback() {
    if (this.dataset.src) this.#ask();
    document.addEventListener('visibilitychange', this.#wake);
  }

  disconnectedCallback() {
    window.clearTimeout(this.#timer);
    document.removeEventListener('visibilitychange', this.#wake);
  }

  #wake = () => {
    if (document.visibilityState === 'visible' && this.dataset.src) this.#ask();
  };

  async #ask() {
    window.clearTimeout(this.#timer);
    let wait = 1000;
    try {
      const answer = await fetch(this.dataset.src ?? '', { headers: { accept: 'application/json' } });
      if (!answer.ok) throw new Error(String(answer.status));
      const now = /** @type {Progress} */ (await answer.json());
      this.#show(now);
      if (now.finished) {
        this.dispatchEvent(new CustomEvent('kita-progress-finished', { bubbles: true, detail: now }));
        if (now.href) location.assign(now.href);
        return;
      }
    } catch {
      wait = 5000;
    }
    if (document.visibilityState === 'visible') this.#timer = window.setTimeout(() => this.#ask(), wait);
  }

  /** @param {Progress} now */
  #show(now) {
    const bar = this.querySelector('progress');
    if (bar) {
      bar.max = Math.max(1, now.total);
      bar.value = now.done;
    }
    const count = this.querySelector('[data-count]');
    if (count) count.textContent = `${now.done.toLocaleString('ja-JP')}／${now.total.toLocaleString('ja-JP')}`;
    const text = this.querySelector('[data-text]');
    if (text && now.text) text.textContent = now.text;
  }
}

customElements.define('kita-progress', KitaProgress);
