// What was written and not yet acknowledged. It survives the browser; one tab sends, in the order of writing, and the server knows each by its clientId.

/** @typedef {{ clientId: string, me: string, channel: string, root: string | null, body: string, at: number, state: 'queued' | 'asks' | 'failed', why?: string }} Letter */

const STORE = 'letters';
/** Older than this, a person decides: a message that arrives a week late is worse than one not sent. */
const FRESH_MS = 15 * 60_000;
const RETRY_MS = 3_000;

/** @returns {Promise<IDBDatabase>} */
const database = () => new Promise((done, failed) => {
  const opening = indexedDB.open('kita-chat', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: 'clientId' });
  opening.onsuccess = () => done(opening.result);
  opening.onerror = () => failed(opening.error);
});

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} act
 * @returns {Promise<T>}
 */
async function inStore(mode, act) {
  const db = await database();
  try {
    return await new Promise((done, failed) => {
      const transaction = db.transaction(STORE, mode);
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => done(request.result);
      transaction.onabort = () => failed(transaction.error);
    });
  } finally {
    db.close();
  }
}

export class Outbox {
  /** @type {string} */ #me;
  /** @type {() => string} */ #token;
  /** @type {(letter: Letter, sent: any | null) => void} */ #tell;
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {string} me the person; another person's letters are left alone
   * @param {() => string} token
   * @param {(letter: Letter, sent: any | null) => void} tell called when a letter was sent (with the stored message) or its state changed
   */
  constructor(me, token, tell) {
    this.#me = me;
    this.#token = token;
    this.#tell = tell;
  }

  /** @returns {Promise<Letter[]>} */
  async waiting() {
    const all = /** @type {Letter[]} */ (await inStore('readonly', (store) => store.getAll()));
    return all.filter((letter) => letter.me === this.#me).sort((a, b) => a.at - b.at);
  }

  /** @param {Letter} letter */
  async put(letter) {
    await inStore('readwrite', (store) => store.put(letter));
    this.send();
  }

  /** @param {string} clientId */
  drop(clientId) {
    return inStore('readwrite', (store) => store.delete(clientId));
  }

  /** Sends what waits; other tabs that try at the same time wait for this one. */
  send() {
    window.clearTimeout(this.#timer);
    navigator.locks.request('kita-chat-outbox', () => this.#sendAll()).catch(() => this.#later());
  }

  async #sendAll() {
    for (const letter of await this.waiting()) {
      if (letter.state !== 'queued') continue;
      if (Date.now() - letter.at > FRESH_MS) {
        await this.#settle({ ...letter, state: 'asks', why: '送る前に15分以上たちました。' });
        continue;
      }
      const answer = await fetch(`/api/v1/chat/channels/${letter.channel}/messages`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-Kita-Csrf': this.#token() },
        body: JSON.stringify({ clientId: letter.clientId, body: letter.body, rootId: letter.root }),
      });
      if (answer.ok) {
        const sent = await answer.json();
        await this.drop(letter.clientId);
        this.#tell(letter, sent);
      } else if (answer.status === 429 || answer.status >= 500) {
        this.#later();
        return;
      } else if (answer.status === 401) {
        return;
      } else {
        const problem = await answer.json().catch(() => ({}));
        await this.#settle({ ...letter, state: 'failed', why: answer.status === 404 ? 'このチャンネルに参加していません。' : problem.violations?.map((/** @type {any} */ v) => v.message).join(' ') ?? problem.title ?? '送れませんでした。' });
      }
    }
  }

  /** @param {Letter} letter */
  async #settle(letter) {
    await inStore('readwrite', (store) => store.put(letter));
    this.#tell(letter, null);
  }

  #later() {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.send(), RETRY_MS);
  }
}

/** A UUID of version 7: sorted by time, unique by chance. */
export function uuid7() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let now = Date.now();
  for (let i = 5; i >= 0; i -= 1) {
    bytes[i] = now % 256;
    now = Math.floor(now / 256);
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
