// <kita-signature>: a box to sign in with finger, pen or mouse; what was drawn goes with the form as a PNG. Shown while 署名 is chosen.

class KitaSignature extends HTMLElement {
  connectedCallback() {
    const canvas = /** @type {HTMLCanvasElement} */ (this.querySelector('canvas'));
    const field = /** @type {HTMLInputElement} */ (this.querySelector('[data-signature]'));
    const form = this.closest('form');
    const pen = canvas.getContext('2d');
    if (!pen || !form) return;
    const show = () => {
      const chosen = /** @type {HTMLInputElement | null} */ (form.querySelector('input[name="Form.Confirmation"]:checked'));
      this.hidden = chosen?.value !== 'Signature';
    };
    form.addEventListener('change', show);
    show();

    /** @param {PointerEvent} event */
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return { x: ((event.clientX - box.left) * canvas.width) / box.width, y: ((event.clientY - box.top) * canvas.height) / box.height };
    };
    pen.lineWidth = 3;
    pen.lineCap = 'round';
    pen.strokeStyle = '#111';
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      const at = place(event);
      pen.beginPath();
      pen.moveTo(at.x, at.y);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      const at = place(event);
      pen.lineTo(at.x, at.y);
      pen.stroke();
    });
    canvas.addEventListener('lostpointercapture', () => { field.value = canvas.toDataURL('image/png'); });
    // A page that came back refused brings what was signed along.
    if (field.value) {
      const signed = new Image();
      signed.addEventListener('load', () => pen.drawImage(signed, 0, 0));
      signed.src = field.value;
    }
    this.querySelector('[data-clear]')?.addEventListener('click', () => {
      pen.clearRect(0, 0, canvas.width, canvas.height);
      field.value = '';
    });
  }
}

customElements.define('kita-signature', KitaSignature);
