// <kita-reserve> around the booking form: shows what the rules say while the person types, and keeps the form in the address.
// Without script the button 規程に合うか確かめる does the same.

import { showJudgement } from './judgement.js';

/** How long a pause in typing asks the portal. */
const PAUSE_MS = 350;

class KitaReserve extends HTMLElement {
  /** @type {number | undefined} */ #timer = undefined;
  /** @type {AbortController | null} */ #request = null;

  connectedCallback() {
    const later = (/** @type {Event} */ event) => {
      clearTimeout(this.#timer);
      // While somebody writes a reason, the field stays where it is; leaving it asks.
      if (event.type === 'input' && /** @type {HTMLElement} */ (event.target).matches('#judgement textarea')) return;
      this.#timer = window.setTimeout(() => this.#ask(), PAUSE_MS);
    };
    this.addEventListener('input', later);
    this.addEventListener('change', later);
  }

  async #ask() {
    const form = this.querySelector('form');
    const shown = this.querySelector('#judgement');
    if (!form || !shown) return;
    const fields = new FormData(form);
    const query = new URLSearchParams();
    for (const [name, value] of fields) if (typeof value === 'string' && value !== '' && !name.startsWith('__') && name !== 'Form.Id') query.append(name, value);
    history.replaceState(null, '', `${location.pathname}?${query}`);
    this.#request?.abort();
    const request = bodyOf(fields);
    if (!request) {
      showJudgement(shown, null, filledIn(fields));
      return;
    }
    this.#request = new AbortController();
    try {
      const answer = await fetch('/api/v1/booking/preview', {
        method: 'POST',
        signal: this.#request.signal,
        headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-Kita-Csrf': text(fields, '__RequestVerificationToken') },
        body: JSON.stringify(request),
      });
      if (!answer.ok) return;
      const judged = await answer.json();
      const focused = /** @type {HTMLInputElement | HTMLTextAreaElement | null} */ (shown.contains(document.activeElement) ? document.activeElement : null);
      showJudgement(shown, judged, filledIn(new FormData(form)));
      if (focused?.name) [...shown.querySelectorAll('input, textarea')].map((e) => /** @type {HTMLInputElement} */ (e)).find((e) => e.name === focused.name && (e.type !== 'checkbox' || e.value === focused.value))?.focus();
    } catch (problem) {
      if (!(problem instanceof DOMException && problem.name === 'AbortError')) throw problem;
    }
  }
}

/** @param {FormData} fields @param {string} name */
function text(fields, name) {
  const value = fields.get(name);
  return typeof value === 'string' ? value : '';
}

/**
 * The request the form stands for; null while nothing is chosen.
 * @param {FormData} fields
 */
function bodyOf(fields) {
  const wishes = [...fields.keys()].filter((name) => name.endsWith('.Choice')).map((name) => ({ choice: text(fields, name), count: Number(text(fields, name.replace(/Choice$/, 'Count')).normalize('NFKC')) || 1 })).filter((wish) => wish.choice !== '');
  const [from, to] = [text(fields, 'Form.From'), text(fields, 'Form.To')];
  if (wishes.length === 0 || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(from) || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(to)) return null;
  const kit = wishes.find((wish) => wish.choice.startsWith('k'))?.choice.slice(1).split('@');
  const filled = filledIn(fields);
  const orNull = (/** @type {string} */ name) => text(fields, name) || null;
  return {
    id: text(fields, 'Form.Id'),
    lines: wishes.filter((wish) => !wish.choice.startsWith('k')).map((wish) => (wish.choice.startsWith('d') ? { deviceId: wish.choice.slice(1) } : { poolId: wish.choice.slice(1), count: Math.min(50, Math.max(1, wish.count)) })),
    ...(kit ? { kitId: kit[0], kitOfficeId: kit[1], takeWhatIsThere: fields.get('Form.TakeWhatIsThere') === 'true' } : {}),
    from: `${from.slice(0, 16)}:00+09:00`,
    to: `${to.slice(0, 16)}:00+09:00`,
    purpose: text(fields, 'Form.Purpose'),
    purposeNote: orNull('Form.PurposeNote'),
    travelOrderNo: orNull('Form.TravelOrderNo'),
    destination: text(fields, 'Form.DestinationKind'),
    destinationNote: orNull('Form.DestinationNote'),
    infoClass: text(fields, 'Form.InfoClass'),
    personalData: fields.getAll('Form.PersonalData').includes('true'),
    borrowerId: orNull('Form.BorrowerId'),
    responsibleId: orNull('Form.ResponsibleId'),
    reason: orNull('Form.Reason'),
    signAgreement: filled.signed,
    acknowledged: filled.ticked,
    overrides: Object.fromEntries(Object.entries(filled.reasons).filter(([, reason]) => reason.trim() !== '')),
  };
}

/**
 * What was ticked and written in the judgement.
 * @param {FormData} fields
 */
function filledIn(fields) {
  /** @type {Record<string, string>} */
  const reasons = {};
  for (const [name, value] of fields) {
    const code = /^Form\.Overrides\[(.+)\]$/.exec(name)?.[1];
    if (code && typeof value === 'string') reasons[code] = value;
  }
  return { signed: fields.getAll('Form.SignAgreement').includes('true'), ticked: fields.getAll('Form.Acknowledged').map(String), reasons };
}

customElements.define('kita-reserve', KitaReserve);
