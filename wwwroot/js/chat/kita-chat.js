// <kita-chat>: makes the chat page live. The page works without it; the database is the truth, the socket only a doorbell.

import { onSendKey } from '../shared/keys.js';
import { HubConnectionBuilder, HttpTransportType, LogLevel } from '/lib/signalr.js';
import { Store } from './store.js';
import { Outbox, uuid7 } from './outbox.js';
import { fill, moment } from './row.js';

const PROTOCOL = 1;
const CAP_MS = 30_000;
const POLL_MS = 5_000;
const BADGES_MS = 1_000;
/** Follows new messages only when the person reads at the end. */
const NEAR_END_PX = 100;
const MANY = 3;

class KitaChat extends HTMLElement {
  /** @type {{ me: string, channel: string | null, root: string | null, cursor: number, lastMsgNo: number, member: boolean, latest: boolean, userRev: number, markerRev: number, words: Record<string, string> }} */
  #start = JSON.parse(this.dataset.start ?? '{}');
  #store = new Store(this.#start.cursor);
  #outbox = new Outbox(this.#start.me, () => this.#token(), (letter, sent) => this.#settled(letter, sent));
  /** @type {import('/lib/signalr.js').HubConnection | null} */
  #hub = null;
  #tries = 0;
  /** @type {number | undefined} */ #wait = undefined;
  /** @type {number | undefined} */ #badges = undefined;
  /** @type {(() => void) | null} */ #wake = null;
  #syncing = Promise.resolve();
  #read = 0;
  /** Where the person's channels and marks stood when the badges were last drawn. */
  #drawn = '';
  /** @type {{ at: number, text: string }[]} */ #spoken = [];
  #leaving = false;

  connectedCallback() {
    for (const row of this.#rows()?.querySelectorAll('[data-id]') ?? []) {
      const li = /** @type {HTMLElement} */ (row);
      this.#store.isNews({ id: li.dataset.id ?? '', rev: Number(li.dataset.rev) });
    }
    this.#compose();
    this.#toEnd(this.querySelector('[data-line]'));
    this.#restore();
    this.#outbox.send();
    window.addEventListener('online', this.#awake);
    window.addEventListener('pageshow', this.#awake);
    window.addEventListener('focus', this.#seen);
    document.addEventListener('visibilitychange', this.#awake);
    this.#scroll()?.addEventListener('scroll', this.#seen, { passive: true });
    window.addEventListener('pagehide', () => { this.#leaving = true; });
    this.#connect();
    this.#seen();
  }

  #rows = () => /** @type {HTMLElement | null} */ (this.querySelector('[data-rows]'));
  #scroll = () => /** @type {HTMLElement | null} */ (this.querySelector('[data-scroll]'));
  #token = () => /** @type {HTMLInputElement | null} */ (this.querySelector('[name=__RequestVerificationToken]'))?.value ?? '';

  // --- The socket

  async #connect() {
    for (;;) {
      const hub = new HubConnectionBuilder().withUrl('/hubs/chat', { transport: HttpTransportType.WebSockets, skipNegotiation: true }).configureLogging(LogLevel.None).build();
      const ended = new Promise((done) => hub.onclose(() => done(undefined)));
      hub.on('changed', (event) => (event.ch === 'me' ? this.#marks(event) : this.#changed(event)));
      hub.on('heads', (heads) => { if (`${heads.me} ${heads.hash}` !== this.#drawn) this.#refreshBadges(); if (heads.open !== null && heads.open > this.#store.cursor) this.#sync(); });
      hub.on('revoked', (what) => { if (what.all || what.ch === this.#start.channel) window.location.assign('/chat'); else this.#refreshBadges(); });
      hub.on('resync', () => hub.stop());
      try {
        await hub.start();
        const hello = await hub.invoke('Hello', { protocol: PROTOCOL });
        this.#hub = hub;
        this.#tries = 0;
        this.#status('');
        const head = hello.heads.find((/** @type {{ id: string, rev: number }} */ h) => h.id === this.#start.channel);
        if (head) await hub.invoke('Open', this.#start.channel);
        // A public channel one has not joined has no head here; it is read by asking.
        if (this.#start.channel && (!head || head.rev > this.#store.cursor)) this.#sync();
        this.#refreshBadges();
        this.#outbox.send();
        await ended;
      } catch {
        // Refused or not reachable: the wait below, then again.
      }
      await hub.stop();
      this.#hub = null;
      if (this.#leaving) return;
      this.#tries += 1;
      const wait = Math.random() * Math.min(CAP_MS, 500 * 2 ** this.#tries);
      if (this.#tries > 2) this.#status('接続しています…（書いたものは接続後に送ります）');
      if (this.#tries > 3) this.#poll();
      await new Promise((done) => {
        this.#wake = () => done(undefined);
        this.#wait = window.setTimeout(done, wait);
      });
      window.clearTimeout(this.#wait);
    }
  }

  #poll() {
    window.setTimeout(() => {
      if (this.#hub || this.#leaving) return;
      this.#sync();
      this.#refreshBadges();
    }, POLL_MS);
  }

  #awake = () => {
    if (document.visibilityState !== 'visible') return;
    this.#leaving = false;
    this.#wake?.();
    this.#outbox.send();
    this.#refreshBadges();
    this.#sync();
    this.#seen();
  };

  /** @param {string} text */
  #status(text) {
    const status = this.querySelector('[data-status]');
    if (status && status.textContent !== text) status.textContent = text;
  }

  // --- What changed

  /** @param {{ ch: string, from: number, to: number, lastMsgNo: number, items: import('./store.js').Item[] | null, meta: { name: string, archived: boolean } | null }} event */
  #changed(event) {
    this.#refreshBadges();
    if (event.ch !== this.#start.channel) return;
    const news = this.#store.take(event);
    if (news === 'fetch') this.#sync();
    else if (news !== 'old') this.#show(news, event.lastMsgNo);
  }

  /** @param {{ items: { ch: string, markerRev: number }[] }} event */
  #marks(event) {
    for (const mark of event.items) if (mark.ch === this.#start.channel) this.#start.markerRev = mark.markerRev;
    this.#refreshBadges();
  }

  #sync() {
    if (!this.#start.channel) return;
    this.#syncing = this.#syncing.then(async () => {
      for (let more = true; more;) {
        const answer = await this.#ask('POST', '/sync', { me: this.#start.userRev, channels: { [this.#start.channel ?? '']: this.#store.cursor } });
        if (!answer) return;
        const delta = answer.channels[0];
        if (delta.gone || delta.reset) {
          window.location.assign(delta.gone ? '/chat' : window.location.href);
          return;
        }
        this.#show(this.#store.advance(delta.head, delta.items), delta.lastMsgNo);
        more = delta.more;
      }
    }).catch(() => {});
  }

  #refreshBadges() {
    if (this.#badges !== undefined) return;
    this.#badges = window.setTimeout(async () => {
      this.#badges = undefined;
      const heads = await this.#ask('GET', '/heads');
      if (!heads) return;
      this.#drawn = `${heads.me} ${heads.hash}`;
      const known = new Set();
      for (const { id, unread } of heads.channels) {
        const row = this.querySelector(`[data-channel="${id}"]`);
        if (!row) continue;
        known.add(id);
        const count = /** @type {HTMLElement} */ (row.querySelector('[data-count]'));
        count.hidden = unread === 0;
        const number = /** @type {HTMLElement} */ (row.querySelector('[data-number]'));
        number.textContent = unread >= 100 ? '99+' : String(unread);
      }
      // A channel that came or went is drawn by the server; never while something is being written.
      if (known.size !== heads.channels.length && !this.#text()?.value && !this.#start.channel) window.location.reload();
    }, BADGES_MS);
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   */
  async #ask(method, path, body) {
    try {
      const answer = await fetch(`/api/v1/chat${path}`, {
        method,
        headers: { Accept: 'application/json', 'X-Kita-Background': '1', ...(body ? { 'Content-Type': 'application/json', 'X-Kita-Csrf': this.#token() } : {}) },
        body: body ? JSON.stringify(body) : undefined,
      });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  // --- The rows

  /**
   * @param {import('./store.js').Item[]} items
   * @param {number} lastMsgNo
   */
  #show(items, lastMsgNo) {
    const rows = this.#rows();
    if (!rows) return;
    const follow = this.#isAtEnd();
    let mine = false;
    for (const item of [...items].sort((a, b) => (a.msgNo ?? a.replyNo ?? 0) - (b.msgNo ?? b.replyNo ?? 0))) {
      const known = /** @type {HTMLElement | null} */ (this.querySelector(`[data-id="${item.id}"]`));
      if (known) {
        fill(known, item, this.#start);
        continue;
      }
      if (!this.#start.latest || item.rootId !== this.#start.root) continue;
      rows.querySelector(`[data-client="${item.clientId}"]`)?.remove();
      const row = this.#row();
      fill(row, item, this.#start);
      const later = [...rows.querySelectorAll('[data-no]')].find((other) => Number(/** @type {HTMLElement} */ (other).dataset.no) > Number(row.dataset.no)) ?? rows.querySelector('[data-client]');
      rows.insertBefore(row, later);
      if (item.author.id === this.#start.me) mine = true;
      else if (!item.deleted) this.#speak(item, row);
    }
    this.#start.lastMsgNo = Math.max(this.#start.lastMsgNo, lastMsgNo);
    const empty = /** @type {HTMLElement | null} */ (this.querySelector('[data-empty]'));
    if (empty) empty.hidden = rows.childElementCount > 0;
    if (follow || mine) this.#toEnd();
    this.#seen();
  }

  #row() {
    const template = /** @type {HTMLTemplateElement} */ (this.querySelector('template[data-row]'));
    return /** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (template.content.cloneNode(true)).firstElementChild);
  }

  /**
   * New messages of others are read aloud, author first; many at once only as a number.
   * @param {import('./store.js').Item} item
   * @param {HTMLElement} row
   */
  #speak(item, row) {
    const now = Date.now();
    this.#spoken = [...this.#spoken.filter((s) => now - s.at < 2_000), { at: now, text: `${item.author.name}、${row.querySelector('[data-body]')?.textContent?.trim() ?? ''}、${moment(item.at)}` }];
    const live = /** @type {HTMLElement} */ (this.querySelector('[data-live]'));
    live.textContent = this.#spoken.length >= MANY ? `${this.#spoken.length}件の新着` : this.#spoken.map((s) => s.text).join('。');
  }

  #isAtEnd() {
    const scroll = this.#scroll();
    return !scroll || scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END_PX;
  }

  /** @param {Element | null} [line] */
  #toEnd(line) {
    const scroll = this.#scroll();
    if (!scroll) return;
    if (line) line.scrollIntoView({ block: 'center' });
    else scroll.scrollTop = scroll.scrollHeight;
  }

  /** The mark moves only when the page is visible, has the focus, and shows the end. */
  #seen = () => {
    const { channel, root, member, lastMsgNo, latest } = this.#start;
    if (!channel || root || !member || !latest || lastMsgNo <= this.#read || document.visibilityState !== 'visible' || !document.hasFocus() || !this.#isAtEnd()) return;
    this.#read = lastMsgNo;
    this.#ask('PUT', `/channels/${channel}/read`, { upTo: lastMsgNo, markerRev: this.#start.markerRev }).then((mark) => {
      if (!mark) return;
      const button = /** @type {HTMLElement | null} */ (this.querySelector('[data-read]'));
      if (button) button.hidden = true;
      this.#refreshBadges();
    });
  };

  // --- Writing

  #text = () => /** @type {HTMLTextAreaElement | null} */ (this.querySelector('[data-compose] textarea'));

  #compose() {
    const form = /** @type {HTMLFormElement | null} */ (this.querySelector('[data-compose]'));
    const text = this.#text();
    if (!form || !text) return;
    const hint = /** @type {HTMLElement | null} */ (form.querySelector('[data-keys]'));
    if (hint) hint.hidden = window.matchMedia('(pointer: coarse)').matches;
    onSendKey(text, () => form.requestSubmit());
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const body = text.value;
      if (body.trim().length === 0) return;
      text.value = '';
      text.focus();
      const letter = { clientId: uuid7(), me: this.#start.me, channel: this.#start.channel ?? '', root: this.#start.root, body, at: Date.now(), state: /** @type {'queued'} */ ('queued') };
      this.#draw(letter);
      this.#toEnd();
      this.#outbox.put(letter).catch(() => this.#draw({ ...letter, state: 'failed', why: 'このブラウザーは書いたものを保存できません。' }));
    });
    this.addEventListener('submit', (event) => this.#react(/** @type {SubmitEvent} */ (event)));
  }

  /** @param {SubmitEvent} event */
  async #react(event) {
    const form = /** @type {HTMLFormElement} */ (event.target);
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    if (!form.matches('[data-react]') || !button) return;
    event.preventDefault();
    const row = /** @type {HTMLElement} */ (form.closest('[data-id]'));
    const { id } = row.dataset;
    const given = [...row.querySelectorAll('.msg__reaction')].some((r) => r.getAttribute('data-mine') === button.value);
    const item = await this.#ask(given ? 'DELETE' : 'PUT', `/messages/${id}/reactions/${button.value}`, {});
    if (item) this.#show(this.#store.isNews(item) ? [item] : [], 0);
    const menu = /** @type {HTMLDetailsElement | null} */ (form.closest('details'));
    if (menu) menu.open = false;
    menu?.querySelector('summary')?.focus();
  }

  /** Letters of an earlier visit stand at the end of their channel. */
  async #restore() {
    try {
      for (const letter of await this.#outbox.waiting()) if (letter.channel === this.#start.channel && letter.root === this.#start.root) this.#draw(letter);
      this.#toEnd(this.querySelector('[data-line]'));
    } catch {
      // A browser that keeps nothing has nothing to show.
    }
  }

  /** @param {import('./outbox.js').Letter} letter */
  #draw(letter) {
    const rows = this.#rows();
    if (!rows) return;
    const row = /** @type {HTMLElement} */ (rows.querySelector(`[data-client="${letter.clientId}"]`) ?? rows.appendChild(this.#row()));
    row.dataset.client = letter.clientId;
    row.classList.add('msg--waiting');
    /** @type {HTMLElement} */ (row.querySelector('[data-author]')).textContent = '自分';
    /** @type {HTMLElement} */ (row.querySelector('[data-time]')).textContent = '';
    /** @type {HTMLElement} */ (row.querySelector('[data-acts]')).hidden = true;
    /** @type {HTMLElement} */ (row.querySelector('[data-body]')).replaceChildren(Object.assign(document.createElement('p'), { className: 'lines', textContent: letter.body }));
    const state = /** @type {HTMLElement} */ (row.querySelector('[data-state]'));
    state.hidden = false;
    state.textContent = letter.state === 'queued' ? '送信待ち' : letter.why ?? '';
    if (letter.state === 'queued') return;
    state.append(this.#button('もう一度送る', async () => {
      const again = { ...letter, at: Date.now(), state: /** @type {'queued'} */ ('queued') };
      this.#draw(again);
      await this.#outbox.put(again);
    }), this.#button('取り消して書き直す', async () => {
      await this.#outbox.drop(letter.clientId);
      row.remove();
      const text = this.#text();
      if (text && !text.value) text.value = letter.body;
      text?.focus();
    }));
  }

  /**
   * @param {string} word
   * @param {() => void} act
   */
  #button(word, act) {
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'msg__button', textContent: word });
    button.addEventListener('click', act);
    return button;
  }

  /**
   * @param {import('./outbox.js').Letter} letter
   * @param {any} sent
   */
  #settled(letter, sent) {
    if (letter.channel !== this.#start.channel || letter.root !== this.#start.root) return;
    if (!sent) {
      this.#draw(letter);
      return;
    }
    this.#rows()?.querySelector(`[data-client="${letter.clientId}"]`)?.remove();
    this.#show(this.#store.isNews(sent) ? [sent] : [], sent.msgNo ?? 0);
  }
}

customElements.define('kita-chat', KitaChat);
