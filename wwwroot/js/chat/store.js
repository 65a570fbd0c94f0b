// What a browser knows of one series of changes, and what may be added to it. Pure: no page, no network.

/** @typedef {{ id: string, rev: number, msgNo: number | null, rootId: string | null, replyNo: number | null, version: number, clientId: string, author: { id: string, name: string, title: string, department: string },
 *   at: string, editedAt: string | null, deleted: boolean, html: string, reactions: { code: string, count: number, ids: string[] }[], thread: { count: number, lastAt: string | null } }} Item */

export class Store {
  /** @type {Map<string, number>} the change in which each message was last seen */
  #revs = new Map();

  /** @param {number} cursor everything up to this change is known */
  constructor(cursor) {
    this.cursor = cursor;
  }

  /**
   * Takes an event: what is old is dropped, what leaves no gap is taken, anything else asks for a fetch.
   * @param {{ from: number, to: number, items: Item[] | null }} event
   * @returns {Item[] | 'old' | 'fetch'} the messages that are new to the page
   */
  take(event) {
    if (event.to <= this.cursor) return 'old';
    if (event.from > this.cursor + 1 || event.items === null) return 'fetch';
    return this.advance(event.to, event.items);
  }

  /**
   * Takes what was fetched.
   * @param {number} head
   * @param {Item[]} items
   */
  advance(head, items) {
    this.cursor = Math.max(this.cursor, head);
    return items.filter((item) => this.isNews(item));
  }

  /**
   * An item never replaces one of a higher change.
   * @param {{ id: string, rev: number }} item
   */
  isNews(item) {
    if ((this.#revs.get(item.id) ?? -1) >= item.rev) return false;
    this.#revs.set(item.id, item.rev);
    return true;
  }
}
