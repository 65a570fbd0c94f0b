// <kita-countdown data-until="…"> counts the minutes that are left down; the moment itself stands in the page without script.

class KitaCountdown extends HTMLElement {
  /** @type {number | undefined} */ #timer = undefined;

  connectedCallback() {
    this.#show();
    this.#timer = window.setInterval(() => this.#show(), 15_000);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  #show() {
    const left = this.querySelector('[data-left]');
    if (!left || !this.dataset.until) return;
    const minutes = Math.ceil((Date.parse(this.dataset.until) - Date.now()) / 60_000);
    const text = minutes > 0 ? `（あと${minutes}分）` : '（終わりました）';
    if (left.textContent !== text) left.textContent = text;
  }
}

customElements.define('kita-countdown', KitaCountdown);
