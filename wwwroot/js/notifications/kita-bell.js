// <kita-bell>: keeps the number of unread notifications right while the page stays open, in the bell and in the window's title.

const EVERY_MS = 60_000;
const plainTitle = document.title;

class KitaBell extends HTMLElement {
  /** @type {number | undefined} */
  #timer;

  connectedCallback() {
    this.#show(Number(this.querySelector('[data-number]')?.textContent ?? 0));
    document.addEventListener('visibilitychange', this.#wake);
    window.addEventListener('pageshow', this.#wake);
    this.#timer = window.setInterval(this.#wake, EVERY_MS);
  }

  disconnectedCallback() {
    window.clearInterval(this.#timer);
    document.removeEventListener('visibilitychange', this.#wake);
    window.removeEventListener('pageshow', this.#wake);
  }

  #wake = async () => {
    if (document.visibilityState !== 'visible') return;
    try {
      const answer = await fetch('/api/v1/notifications', { headers: { accept: 'application/json' } });
      if (answer.ok) this.#show((await answer.json()).unread);
    } catch {
      // Offline: the next time will do.
    }
  };

  /** @param {number} unread */
  #show(unread) {
    const count = /** @type {HTMLElement | null} */ (this.querySelector('[data-count]'));
    const number = this.querySelector('[data-number]');
    if (!count || !number) return;
    number.textContent = unread > 99 ? '99+' : String(unread);
    count.hidden = unread === 0;
    document.title = unread === 0 ? plainTitle : `(${unread}) ${plainTitle}`;
  }
}

customElements.define('kita-bell', KitaBell);
