// One message as a row of the page.

const WEEKDAYS = '日月火水木金土';
const TOKYO_MS = 9 * 3_600_000;

/**
 * Writes a message's present state into its row; the row's pattern comes from the server.
 * @param {HTMLElement} row
 * @param {import('./store.js').Item} item
 * @param {{ me: string, channel: string | null, root: string | null, words: Record<string, string> }} place
 */
export function fill(row, item, place) {
  const mine = item.author.id === place.me;
  const part = (/** @type {string} */ name) => /** @type {HTMLElement | null} */ (row.querySelector(`[data-${name}]`));
  const say = (/** @type {string} */ name, /** @type {string} */ text) => { const where = part(name); if (where) where.textContent = text; };
  row.dataset.id = item.id;
  row.dataset.rev = String(item.rev);
  row.dataset.no = String(item.msgNo ?? item.replyNo ?? '');
  row.classList.toggle('msg--mine', mine);
  say('author', item.author.name);
  say('of', item.author.name);
  say('place', `${item.author.department} ${item.author.title}`.trim());
  say('time', moment(item.at));
  part('time')?.setAttribute('datetime', item.at);
  /** @type {HTMLElement} */ (part('edited')).hidden = item.editedAt === null || item.deleted;
  const body = /** @type {HTMLElement} */ (part('body'));
  if (item.deleted) body.replaceChildren(Object.assign(document.createElement('p'), { className: 'msg__gone', textContent: '削除されました' }));
  else body.innerHTML = item.html;
  const reactions = /** @type {HTMLElement} */ (part('reactions'));
  reactions.hidden = item.reactions.length === 0;
  reactions.replaceChildren(...item.reactions.map(({ code, count, ids }) => {
    const one = Object.assign(document.createElement('li'), { className: 'msg__reaction', textContent: `${place.words[code] ?? code} ${count}` });
    if (ids.includes(place.me)) one.dataset.mine = code;
    return one;
  }));
  /** @type {HTMLElement} */ (part('acts')).hidden = item.deleted;
  const thread = /** @type {HTMLAnchorElement | null} */ (part('thread'));
  if (thread) {
    thread.href = `/chat/${place.channel}?thread=${item.id}`;
    thread.textContent = item.thread.count > 0 ? `返信 ${item.thread.count}件` : '返信';
  }
  for (const field of row.querySelectorAll('input[name=message]')) /** @type {HTMLInputElement} */ (field).value = item.id;
  const version = /** @type {HTMLInputElement | null} */ (part('version'));
  if (version) version.value = String(item.version);
  const edit = /** @type {HTMLAnchorElement | null} */ (part('edit'));
  if (edit) edit.href = `/chat/${place.channel}?${place.root ? `thread=${place.root}&` : ''}edit=${item.id}`;
  if (!mine) part('own')?.remove();
}

/** @param {string} at */
export function moment(at) {
  const tokyo = new Date(Date.parse(at) + TOKYO_MS);
  return `${tokyo.getUTCMonth() + 1}月${tokyo.getUTCDate()}日(${WEEKDAYS[tokyo.getUTCDay()]}) ${tokyo.getUTCHours()}:${String(tokyo.getUTCMinutes()).padStart(2, '0')}`;
}
