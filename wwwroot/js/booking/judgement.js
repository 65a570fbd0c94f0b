// What the rules say to a booking form, drawn from the answer of POST /api/v1/booking/preview as _Judgement.cshtml draws it.

/**
 * @typedef {{ number: string, code: string, severity: string, message: string, remedy: string, mayPass: boolean }} BrokenRule
 * @typedef {{ violations: BrokenRule[], route: { step: string, who: string }[], toSign: { title: string, text: string } | null, alternatives: { text: string, href: string }[], canReserve: boolean }} PreviewAnswer
 */

/**
 * Shows the answer; what was ticked and written before stays.
 * @param {Element} place
 * @param {PreviewAnswer | null} answer null while nothing is chosen
 * @param {{ signed: boolean, ticked: string[], reasons: Record<string, string> }} filled
 */
export function showJudgement(place, answer, filled) {
  if (!answer) {
    place.replaceChildren(message('info', '機種または端末を選んでください。'));
    return;
  }
  const of = (/** @type {string[]} */ ...severities) => answer.violations.filter((rule) => severities.includes(rule.severity));
  const [blocks, warnings, grounds] = [of('Block'), of('Warn'), of('Head', 'Sec')];
  const parts = [];
  if (blocks.length > 0) {
    const lines = blocks.flatMap((rule) => [ruleLine(rule, ''), ...(rule.mayPass && !filled.reasons[rule.code] ? [passing(rule)] : [])]);
    if (blocks.some((rule) => rule.code === 'booking.none-free' || rule.code === 'booking.taken')) lines.push(waiting());
    parts.push(card('error', 'このままでは予約できません', stack(lines), 'card--late'));
  }
  if (answer.alternatives.length > 0) parts.push(card('swap', '代わりに予約できるもの', element('ul', 'list', answer.alternatives.map((one) => element('li', '', [element('div', 'list__main', [link(one.href, one.text)])]))), 'card--accent'));
  if (answer.toSign || filled.signed) parts.push(agreement(answer.toSign, filled.signed));
  const reasons = Object.entries(filled.reasons).filter(([, reason]) => reason.trim() !== '');
  if (reasons.length > 0) parts.push(card('edit', '例外として扱うもの', stack(reasons.map(([code, reason]) => reasonField(code, `${answer.violations.find((rule) => rule.code === code)?.number ?? ''}の理由`, '空にすると、例外として扱いません。', reason)))));
  if (warnings.length > 0) parts.push(card('warning', '確認してください', stack(warnings.map((rule) => tick('Form.Acknowledged', rule.code, `${rule.message}（${rule.number}）${rule.remedy}`, filled.ticked.includes(rule.code))))));
  if (blocks.length === 0 && grounds.length === 0) parts.push(message('success', 'すぐに確定します。', '許可の申請は要りません。'));
  if (blocks.length === 0 && grounds.length > 0) {
    const route = element('ol', 'route', answer.route.map((step) => element('li', '', [element('span', '', [element('span', 'route__who', step.who), element('span', 'route__post', step.step)])])));
    parts.push(card('stamp', '許可の申請', stack([...grounds.map((rule) => ruleLine(rule, 'rule__number--soft')), route])));
  }
  place.replaceChildren(...parts);
}

/**
 * @param {string} tag
 * @param {string} look
 * @param {string | Node[]} [content]
 */
function element(tag, look, content = []) {
  const made = document.createElement(tag);
  if (look) made.className = look;
  if (typeof content === 'string') made.textContent = content;
  else made.append(...content);
  return made;
}

/** @param {Node[]} lines */
const stack = (lines) => element('div', 'card__body stack stack--tight', lines);

/** @param {string} name */
function symbol(name) {
  const known = document.querySelector('svg.icon use')?.getAttribute('href')?.split('#')[0] ?? '/img/icons.svg';
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `${known}#${name}`);
  svg.append(use);
  return svg;
}

/**
 * @param {string} icon
 * @param {string} title
 * @param {HTMLElement} body
 * @param {string} [look]
 */
function card(icon, title, body, look = '') {
  const heading = element('h2', 'card__title', [...(icon ? [symbol(icon)] : []), document.createTextNode(title)]);
  return element('div', `card ${look}`.trim(), [element('div', 'card__head', [heading]), body]);
}

/** @param {string} kind @param {string} title @param {string} [body] */
function message(kind, title, body) {
  return element('div', kind === 'info' ? 'message' : `message message--${kind}`, [symbol(kind), element('p', 'message__title', title), ...(body ? [element('p', 'message__body', body)] : [])]);
}

/** @param {BrokenRule} rule @param {string} look */
const ruleLine = (rule, look) => element('p', 'rule', [element('span', `rule__number ${look}`.trim(), rule.number), element('span', 'rule__message', rule.message), element('span', 'rule__remedy', rule.remedy)]);

/** @param {string} href @param {string} text */
function link(href, text) {
  const made = /** @type {HTMLAnchorElement} */ (element('a', 'list__title', text));
  made.href = href;
  return made;
}

/** @param {string} name @param {string} value @param {string} text @param {boolean} checked */
function tick(name, value, text, checked) {
  const box = Object.assign(document.createElement('input'), { className: 'choice__box', type: 'checkbox', name, value, checked });
  return element('label', 'choice', [box, element('span', 'choice__text', text)]);
}

/** @param {{ title: string, text: string } | null} text @param {boolean} signed */
function agreement(text, signed) {
  const sign = tick('Form.SignAgreement', 'true', '誓約書の内容に同意し、署名します', signed);
  return text ? card('', text.title, stack([element('p', '', text.text), sign])) : element('div', 'card', [stack([sign])]);
}

/** @param {BrokenRule} rule */
const passing = (rule) => element('details', 'disclosure', [element('summary', '', `${rule.number}を例外として扱う`), element('div', 'disclosure__body', [reasonField(rule.code, '例外とする理由', '10文字以上。予約と管理簿に残ります。', '')])]);

function waiting() {
  const button = Object.assign(document.createElement('button'), { className: 'button button--secondary', type: 'submit', formMethod: 'get', formAction: '/booking/waitlist/new', formNoValidate: true });
  button.append(symbol('clock'), '空きを待つ');
  return element('div', 'actions', [button]);
}

/** @param {string} code @param {string} label @param {string} hint @param {string} reason */
function reasonField(code, label, hint, reason) {
  const area = Object.assign(document.createElement('textarea'), { className: 'input input--area', rows: 2, maxLength: 1000, name: `Form.Overrides[${code}]`, value: reason });
  return element('label', 'field', [element('span', 'field__label', label), element('span', 'field__hint', hint), area]);
}
