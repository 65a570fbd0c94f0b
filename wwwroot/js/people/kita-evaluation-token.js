// <kita-evaluation-token>: takes the one-time token from the address's fragment, which no server ever sees, and posts it once.

class KitaEvaluationToken extends HTMLElement {
  connectedCallback() {
    const token = new URLSearchParams(window.location.hash.slice(1)).get('token');
    const field = /** @type {HTMLInputElement | null} */ (this.querySelector('input[name="Token"]'));
    if (!token || !field?.form) return;
    window.history.replaceState(null, '', window.location.pathname + window.location.search);
    field.value = token;
    field.form.requestSubmit();
  }
}

customElements.define('kita-evaluation-token', KitaEvaluationToken);
