// <kita-desk>: the desk's scan box. The focus comes back to it, scans work from every field, and on a page that collects devices
// each code is sent at once without losing what was filled in. A code that could not be sent stays on the screen and is tried again;
// so does the act itself, which keeps the id it was given when the page was opened and therefore happens once.
// Once it takes scans it has data-ready; what is scanned before, or after the act was begun, is taken by the next page.
import './kita-camera.js';
import { heldScans, holdScans, takeScans } from './scan.js';
import { composing } from '../shared/keys.js';

const AGAIN_MS = 3000;
/** A page that was to be left and still stands after so long takes scans again. */
const STAYED_MS = 20_000;
/** The portal is busy or on its way back; anything else would be answered the same again. */
const BUSY = [408, 429, 502, 503, 504];
/** Parts of the page that a scan may change; photos and answers outside of them stay. */
const PARTS = ['errors', 'items', 'reasons'];

class KitaDesk extends HTMLElement {
  /** @type {{ code: string, at: number }[]} */
  #waiting = [];
  #sending = false;
  #isActing = false;
  #leave = new AbortController();
  #stop = () => {};

  connectedCallback() {
    const signal = this.#leave.signal;
    const form = this.#form;
    form.addEventListener('keydown', (event) => {
      if (event.target !== this.#box || event.key !== 'Enter' || event.ctrlKey || composing(event)) return;
      event.preventDefault();
      this.#take(this.#box.value);
    }, { signal });
    // Ctrl+Enter does the act from wherever the focus is: the hand on the scanner need not look for the button.
    document.addEventListener('keydown', (event) => {
      const act = /** @type {HTMLButtonElement | null} */ (this.querySelector('[data-desk-act]'));
      if (!act || event.key !== 'Enter' || !event.ctrlKey || composing(event)) return;
      event.preventDefault();
      this.#act(act);
    }, { signal });
    form.addEventListener('click', (event) => {
      if (!this.#collects || !(event.target instanceof Element) || !event.target.closest('[data-scan-submit]')) return;
      event.preventDefault();
      this.#take(this.#box.value);
    }, { signal });
    form.addEventListener('submit', (event) => {
      if (!(event.submitter instanceof HTMLButtonElement) || !event.submitter.matches('[data-desk-act]')) {
        this.#pause();
        return;
      }
      event.preventDefault();
      this.#act(event.submitter);
    }, { signal });
    this.addEventListener('kita-scan', (event) => this.#take(/** @type {CustomEvent<{ code: string }>} */ (event).detail.code), { signal });
    window.addEventListener('online', () => this.#send(), { signal });
    window.addEventListener('pageshow', (event) => { if (event.persisted) this.#listen(); }, { signal });
    if (!document.querySelector('.error-summary')) this.#box.focus();
    this.#listen();
    this.dataset.ready = '';
    performance.mark('kita-desk-ready');
  }

  disconnectedCallback() {
    this.#stop();
    this.#leave.abort();
  }

  #listen() {
    this.#isActing = false;
    this.querySelector('[data-desk-act]')?.removeAttribute('aria-disabled');
    this.#stop = takeScans((code) => (code ? this.#take(code) : this.#refuse('読み取りが途中で切れました。もう一度読み取ってください。')));
  }

  // The page is being left: scans wait for the one that comes.
  #pause() {
    this.#stop();
    window.setTimeout(() => this.#listen(), STAYED_MS);
  }

  get #form() {
    return /** @type {HTMLFormElement} */ (this.querySelector('form'));
  }

  get #box() {
    return /** @type {HTMLInputElement} */ (this.querySelector('[data-scan-box]'));
  }

  get #collects() {
    return this.querySelector('[data-scan-submit]') !== null;
  }

  /** @param {string} code */
  #take(code) {
    const text = code.trim();
    this.#box.value = text;
    this.#box.focus();
    if (!text) return;
    if (this.#isActing) {
      this.#box.value = '';
      holdScans([text]);
      this.#show();
      return;
    }
    if (!this.#collects) {
      this.#form.requestSubmit();
      return;
    }
    this.#box.value = '';
    this.#waiting.push({ code: text, at: performance.now() });
    this.#show();
    this.#send();
  }

  // The form itself is sent by the browser, but only once the portal answers: a lost connection never costs the page.
  /** @param {HTMLButtonElement} button */
  async #act(button) {
    if (this.#isActing) return;
    this.#isActing = true;
    this.#stop();
    button.setAttribute('aria-disabled', 'true');
    while (this.isConnected) {
      if (this.#waiting.length === 0 && await isReachable()) {
        this.#pause();
        this.#form.submit();
        return;
      }
      this.#show();
      this.#unsent(`「${button.textContent?.trim()}」はまだ送れていません。つながり次第、送ります。この画面を閉じないでください。`);
      await new Promise((again) => { window.setTimeout(again, AGAIN_MS); });
    }
  }

  /** @param {string} text */
  #unsent(text) {
    const list = /** @type {HTMLElement | null} */ (this.querySelector('[data-scan-waiting]'));
    if (!list) return;
    const line = document.createElement('li');
    line.className = 'scan__unsent';
    line.setAttribute('role', 'alert');
    line.textContent = text;
    list.hidden = false;
    list.append(line);
  }

  async #send() {
    if (this.#sending) return;
    this.#sending = true;
    while (this.#waiting.length > 0) {
      try {
        await this.#sendOne(this.#waiting[0]);
        this.#waiting.shift();
      } catch {
        window.setTimeout(() => this.#send(), AGAIN_MS);
        this.#show('まだ送れていません。つながり次第、もう一度送ります：');
        this.#sending = false;
        return;
      }
      this.#show();
    }
    this.#sending = false;
  }

  /** @param {{ code: string, at: number }} scan */
  async #sendOne({ code, at }) {
    const body = new FormData(this.#form);
    body.set('q', code);
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
    const button = /** @type {HTMLButtonElement} */ (this.querySelector('[data-scan-submit]'));
    const answer = await fetch(button.formAction, { method: 'POST', body });
    if (answer.redirected) {
      this.#stop();
      holdScans(this.#waiting.splice(0).map((scan) => scan.code));
      location.assign(answer.url);
      return;
    }
    if (BUSY.includes(answer.status)) throw new Error(String(answer.status));
    if (!answer.ok && answer.status !== 422 && answer.status !== 409) {
      this.#refuse(`「${code}」は受け付けられませんでした（${answer.status}）。画面を読み込み直して、もう一度読み取ってください。`);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const part of PARTS) {
      const [here, there] = [this.querySelector(`[data-desk-part="${part}"]`), page.querySelector(`[data-desk-part="${part}"]`)];
      if (here && there) here.replaceChildren(...there.childNodes);
    }
    this.#say(page.querySelector('[data-scan-said]'));
    requestAnimationFrame(() => window.setTimeout(() => performance.measure('kita-scan', { start: at, detail: code })));
  }

  /** @param {string} text */
  #refuse(text) {
    const here = this.querySelector('[data-scan-said]');
    const words = here?.querySelector('span');
    if (!here || !words) return;
    here.className = 'scan__result scan__result--refused';
    here.setAttribute('role', 'alert');
    const symbol = here.querySelector('use');
    symbol?.setAttribute('href', (symbol.getAttribute('href') ?? '').replace(/#.*/, '#error'));
    words.textContent = text;
    tone(true);
  }

  /** @param {Element | null} said */
  #say(said) {
    const here = this.querySelector('[data-scan-said]');
    if (!here || !said) return;
    here.className = said.className;
    here.setAttribute('role', said.getAttribute('role') ?? 'status');
    here.replaceChildren(...said.childNodes);
    tone(said.getAttribute('role') === 'alert');
  }

  /** @param {string} [why] */
  #show(why) {
    const list = /** @type {HTMLElement | null} */ (this.querySelector('[data-scan-waiting]'));
    if (!list) return;
    const lines = [...this.#waiting.map((scan) => `${why ?? '送信中：'}${scan.code}`), ...heldScans().map((code) => `このあと読み取ります：${code}`)];
    list.hidden = lines.length === 0;
    list.replaceChildren(...lines.map((text) => {
      const line = document.createElement('li');
      line.textContent = text;
      return line;
    }));
  }
}

/** Whether the portal answers at all. */
async function isReachable() {
  try {
    return (await fetch('/health/live', { cache: 'no-store' })).status < 500;
  } catch {
    return false;
  }
}

/** @type {AudioContext | undefined} */
let audio;

/**
 * A short high tone for done, a long low one for refused.
 * @param {boolean} isRefusal
 */
function tone(isRefusal) {
  try {
    audio ??= new AudioContext();
    const sound = audio.createOscillator();
    const volume = audio.createGain();
    sound.frequency.value = isRefusal ? 220 : 880;
    volume.gain.value = 0.08;
    sound.connect(volume).connect(audio.destination);
    sound.start();
    sound.stop(audio.currentTime + (isRefusal ? 0.35 : 0.09));
  } catch {
    // No sound: the words say it.
  }
}

customElements.define('kita-desk', KitaDesk);
