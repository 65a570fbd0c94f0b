// <kita-act>: the form of one act. Ctrl+Enter confirms it; the input method keeps its keys.
import { composing } from '../shared/keys.js';

class KitaAct extends HTMLElement {
  connectedCallback() {
    this.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || composing(event)) return;
      event.preventDefault();
      this.querySelector('form')?.requestSubmit();
    });
  }
}

customElements.define('kita-act', KitaAct);
