// <kita-print>: a button that opens the browser's print dialog.

class KitaPrint extends HTMLElement {
  connectedCallback() {
    this.querySelector('button')?.addEventListener('click', () => window.print());
  }
}

customElements.define('kita-print', KitaPrint);
