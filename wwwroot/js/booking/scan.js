// Reads keyboard-wedge scanners by the keys themselves (event.code), so that an active Japanese input method cannot turn a code into kana.
// A scan is a burst of keys less than 35 ms apart, ended by Enter. Typing by hand is never that fast and stays typing.
// Listens from its first line on, which stands in the head of the page: what is read before the page is ready, or while it is being left, waits for the page that comes.

const BURST_MS = 35;
/** Keys that follow others sooner than this may be the rest of a scan that was held up on its way. */
const PAUSE_MS = 200;
const SHORTEST = 6;
const HELD = 'kita-scans';
/** What nobody took for so long is not what lies on the counter now. */
const STALE_MS = 120_000;

/** What a key's place means in a code; the address on a label keeps its separators. */
const SIGNS = /** @type {Record<string, string>} */ ({ Minus: '-', NumpadSubtract: '-', Slash: '/', NumpadDivide: '/', Period: '.', NumpadDecimal: '.' });

/**
 * The character a key stands for in a code; empty for keys that no code has.
 * @param {string} code
 */
export function letterOf(code) {
  const found = /^(?:Key([A-Z])|(?:Digit|Numpad)([0-9]))$/.exec(code);
  return found ? found[1] ?? found[2] : SIGNS[code] ?? '';
}

/**
 * Collects keys and says when they were a scan.
 */
export class Burst {
  #text = '';
  #last = -Infinity;
  #afterEnter = true;
  #since;
  /** It may have begun before anybody listened. */
  #isLate = false;
  /** It may be what is left of an earlier burst. */
  #isRest = false;

  /** @param {number} [since] when the listening began */
  constructor(since = -Infinity) {
    this.#since = since;
  }

  /**
   * Takes one key; gives the scanned code with the Enter that ends a burst, an empty code when its beginning is missing, else null.
   * @param {string} code of the key
   * @param {number} at milliseconds
   * @returns {string | null}
   */
  key(code, at) {
    const pause = at - this.#last;
    this.#last = at;
    if (pause >= BURST_MS) {
      this.#text = '';
      this.#isLate = at - this.#since < BURST_MS;
      this.#isRest = pause < PAUSE_MS && !this.#afterEnter;
    }
    this.#afterEnter = code === 'Enter' || code === 'NumpadEnter';
    if (this.#afterEnter) {
      const text = this.#text;
      this.#text = '';
      if (this.#isLate) return '';
      if (text.length < SHORTEST) return null;
      return this.#isRest ? '' : text;
    }
    this.#text += letterOf(code);
    return null;
  }

  /** How many characters the running burst has. */
  get length() {
    return this.#text.length;
  }
}

const burst = new Burst(performance.now());
/** Scans that nobody took yet. */
const held = recall();
/** @type {((code: string) => void) | null} */
let taker = null;
/** The field the burst went into, with what stood in it before. @type {{ field: HTMLInputElement | HTMLTextAreaElement, value: string } | null} */
let before = null;

document.addEventListener('keydown', (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const field = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement ? event.target : null;
  const value = field?.value ?? '';
  const code = burst.key(event.code, event.timeStamp);
  if (burst.length === 1) before = field ? { field, value } : null;
  if (code === null) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const restore = before;
  before = null;
  held.push(code);
  // The input method may still put its own text into the field: take the focus away, then set the text right.
  if (restore) restore.field.blur();
  window.setTimeout(() => {
    if (restore) restore.field.value = restore.value;
    give();
  });
}, { capture: true });

window.addEventListener('pagehide', () => {
  if (held.length > 0) sessionStorage.setItem(HELD, JSON.stringify({ at: Date.now(), codes: held.splice(0) }));
});

// Should the page's own script not come, the box and its form do without it.
window.addEventListener('load', () => {
  if (!taker) takeScans(typeIn);
});

/**
 * Hands every scan on the page to the callback, first those that were read already; a scan whose beginning is missing comes as an empty code.
 * @param {(code: string) => void} callback
 * @returns {() => void} stops it: scans wait again
 */
export function takeScans(callback) {
  taker = callback;
  give();
  return () => { if (taker === callback) taker = null; };
}

/**
 * Keeps scans for whoever takes the next ones, also on another page.
 * @param {string[]} codes
 */
export function holdScans(codes) {
  held.push(...codes);
}

/** Scans that wait. */
export function heldScans() {
  return [...held];
}

function give() {
  while (taker) {
    const code = held.shift();
    if (code === undefined) return;
    taker(code);
  }
}

/** @returns {string[]} */
function recall() {
  const { at, codes } = JSON.parse(sessionStorage.getItem(HELD) ?? '{"at":0,"codes":[]}');
  sessionStorage.removeItem(HELD);
  return Date.now() - at < STALE_MS ? codes : [];
}

/** @param {string} code */
function typeIn(code) {
  const box = /** @type {HTMLInputElement | null} */ (document.querySelector('[data-scan-box]'));
  if (!box?.form || !code) return;
  taker = null;
  box.value = code;
  box.form.requestSubmit(/** @type {HTMLButtonElement | null} */ (box.form.querySelector('[data-scan-submit]')));
}
