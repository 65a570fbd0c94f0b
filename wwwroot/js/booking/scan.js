// Reads keyboard-wedge scanners by the keys themselves (event.code), so that an active Japanese input method cannot turn a code into kana.
// A scan is a burst of keys less than 35 ms apart, ended by Enter. Typing by hand is never that fast and stays typing.

const BURST_MS = 35;
const SHORTEST = 6;

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

  /**
   * Takes one key; gives the scanned code with the Enter that ends a burst, else null.
   * @param {string} code of the key
   * @param {number} at milliseconds
   * @returns {string | null}
   */
  key(code, at) {
    const isBurst = at - this.#last < BURST_MS;
    this.#last = at;
    if (code === 'Enter' || code === 'NumpadEnter') {
      const text = isBurst ? this.#text : '';
      this.#text = '';
      return text.length >= SHORTEST ? text : null;
    }
    if (code.startsWith('Shift')) return null;
    this.#text = (isBurst ? this.#text : '') + letterOf(code);
    return null;
  }

  /** How many characters the running burst has. */
  get length() {
    return this.#text.length;
  }
}

/**
 * Calls back with every scan on the page, whatever field has the focus; that field gets its text back.
 * @param {(code: string) => void} onScan
 * @param {{ signal?: AbortSignal }} [options]
 */
export function onScans(onScan, options = {}) {
  const burst = new Burst();
  /** @type {{ field: HTMLInputElement | HTMLTextAreaElement, value: string } | null} */
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
    // The input method may still put its own text into the field: take the focus away, then set the text right.
    if (restore) restore.field.blur();
    window.setTimeout(() => {
      if (restore) restore.field.value = restore.value;
      onScan(code);
    });
  }, { capture: true, signal: options.signal });
}
