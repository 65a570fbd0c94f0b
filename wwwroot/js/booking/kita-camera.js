// <kita-camera>: reads codes with the camera of a phone or tablet and gives them to whatever is around it as 'kita-scan'.
// Browsers give the camera to pages over HTTPS only; elsewhere it says so, and typing stays.

/** The same code is not read again within this time. */
const SAME_MS = 2500;

class KitaCamera extends HTMLElement {
  /** @type {{ stop(): void } | null} */ #running = null;
  #last = { code: '', at: -Infinity };

  connectedCallback() {
    const button = this.#button;
    if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) {
      this.#note.textContent = 'カメラでの読み取りは、HTTPSで開いたときに使えます。番号の入力はこのまま続けられます。';
      button.hidden = true;
      return;
    }
    button.hidden = false;
    button.addEventListener('click', () => (this.#running ? this.#stop() : this.#start()));
  }

  disconnectedCallback() {
    this.#stop();
  }

  get #button() {
    return /** @type {HTMLButtonElement} */ (this.querySelector('button'));
  }

  get #video() {
    return /** @type {HTMLVideoElement} */ (this.querySelector('video'));
  }

  get #note() {
    return /** @type {HTMLElement} */ (this.querySelector('[data-camera-note]'));
  }

  async #start() {
    this.#button.disabled = true;
    try {
      const address = '/lib/zxing.js';
      const { BrowserMultiFormatReader, BarcodeFormat } = await import(address);
      const reader = new BrowserMultiFormatReader();
      reader.possibleFormats = [BarcodeFormat.QR_CODE, BarcodeFormat.CODE_128, BarcodeFormat.CODE_39, BarcodeFormat.EAN_13, BarcodeFormat.EAN_8];
      this.#video.hidden = false;
      this.#running = await reader.decodeFromConstraints({ audio: false, video: { facingMode: 'environment' } }, this.#video,
        (/** @type {{ getText(): string } | undefined} */ found) => { if (found) this.#read(found.getText()); });
      this.#button.textContent = 'カメラを止める';
      this.#note.textContent = '枠の中にラベルを映してください。';
    } catch (problem) {
      this.#video.hidden = true;
      this.#note.textContent = problem instanceof DOMException && problem.name === 'NotAllowedError'
        ? 'カメラの使用が許可されていません。ブラウザの設定で許可するか、番号を入力してください。'
        : 'カメラを使えません。番号を入力してください。';
    } finally {
      this.#button.disabled = false;
    }
  }

  #stop() {
    if (!this.#running) return;
    this.#running.stop();
    this.#running = null;
    this.#video.hidden = true;
    this.#button.textContent = 'カメラで読み取る';
    this.#note.textContent = '';
  }

  /** @param {string} code */
  #read(code) {
    const now = performance.now();
    if (code === this.#last.code && now - this.#last.at < SAME_MS) return;
    this.#last = { code, at: now };
    this.dispatchEvent(new CustomEvent('kita-scan', { bubbles: true, detail: { code } }));
  }
}

customElements.define('kita-camera', KitaCamera);
