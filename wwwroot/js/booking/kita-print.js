// <kita-print> around a button marked data-print: prints the page.

class KitaPrint extends HTMLElement {
  connectedCallback() {
    this.querySelector('[data-print]')?.addEventListener('click', () => window.print());
  }
}

customElements.define('kita-print', KitaPrint);
