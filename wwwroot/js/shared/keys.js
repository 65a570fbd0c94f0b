// The one key guard: while somebody composes Japanese, Enter, Esc, Tab and the arrows belong to the input method.

/** How long after the end of a composition a key still belongs to it (Safari sends it late). */
const AFTERGLOW_MS = 30;

let endedAt = -Infinity;
document.addEventListener('compositionend', (event) => { endedAt = event.timeStamp; }, true);

/**
 * Whether a key belongs to the input method and must be left alone.
 * @param {KeyboardEvent} event
 */
export function composing(event) {
  return event.isComposing || event.keyCode === 229 || event.timeStamp - endedAt < AFTERGLOW_MS;
}

/**
 * Calls the handler of a key, unless the key belongs to the input method.
 * A handler that returns false leaves the key to the browser.
 * @param {EventTarget} target
 * @param {Record<string, (event: KeyboardEvent) => unknown>} handlers by key name: Enter, Escape, ArrowDown …
 * @param {{ signal?: AbortSignal }} [options]
 */
export function onKeys(target, handlers, options = {}) {
  target.addEventListener('keydown', (raw) => {
    const event = /** @type {KeyboardEvent} */ (raw);
    const handler = Object.hasOwn(handlers, event.key) ? handlers[event.key] : undefined;
    if (!handler || composing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (handler(event) !== false) event.preventDefault();
  }, options);
}

/**
 * Ctrl+Enter (⌘Enter) sends what is written; Enter alone breaks the line.
 * @param {EventTarget} target
 * @param {() => void} send
 */
export function onSendKey(target, send) {
  target.addEventListener('keydown', (raw) => {
    const event = /** @type {KeyboardEvent} */ (raw);
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || composing(event)) return;
    event.preventDefault();
    send();
  });
}
