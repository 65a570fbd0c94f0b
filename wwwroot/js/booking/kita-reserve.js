// <kita-reserve> around the booking form: shows what the rules say while the person types, and keeps the form in the address.
// Without script the button 規程に合うか確かめる does the same.

/** How long a pause in typing asks the portal. */
const PAUSE_MS = 400;

class KitaReserve extends HTMLElement {
  /** @type {number | undefined} */ #timer = undefined;
  /** @type {AbortController | null} */ #request = null;

  connectedCallback() {
    this.addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => this.#ask(), PAUSE_MS);
    });
  }

  async #ask() {
    const form = this.querySelector('form');
    const shown = this.querySelector('#judgement');
    if (!form || !shown) return;
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === 'string' && value !== '' && !name.startsWith('__')) query.append(name, value);
    const address = `${location.pathname}?${query}`;
    this.#request?.abort();
    this.#request = new AbortController();
    try {
      const answer = await fetch(address, { signal: this.#request.signal });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.querySelector('#judgement');
      if (!fresh) return;
      const focused = document.activeElement instanceof HTMLInputElement && shown.contains(document.activeElement) ? document.activeElement : null;
      shown.replaceChildren(...fresh.childNodes);
      if (focused) [...shown.querySelectorAll('input')].find((i) => i.name === focused.name && i.value === focused.value)?.focus();
      history.replaceState(null, '', address);
    } catch (problem) {
      if (!(problem instanceof DOMException && problem.name === 'AbortError')) throw problem;
    }
  }
}

customElements.define('kita-reserve', KitaReserve);
