// <kita-person> around a field with a <select> of people: type a name, よみ, 内線 or department instead of scrolling.
// Without script the select works as it is; with it, the select keeps the answer and the text field finds it.

import { onKeys } from '../shared/keys.js';

/** How long a pause in typing starts the search. */
const PAUSE_MS = 150;

/** @typedef {{ id: string, name: string, yomi: string, department: string, post: string, extension: string | null }} Person */

let numbers = 0;

class KitaPerson extends HTMLElement {
  /** @type {HTMLSelectElement | null} */ #select = null;
  /** @type {HTMLInputElement | null} */ #input = null;
  /** @type {HTMLUListElement | null} */ #list = null;
  /** @type {HTMLElement | null} */ #status = null;
  /** @type {number | undefined} */ #timer = undefined;
  /** @type {AbortController | null} */ #request = null;
  #active = -1;

  connectedCallback() {
    if (this.#select) return;
    const select = this.querySelector('select');
    if (!select || select.multiple) return;
    this.#select = select;
    const id = `kita-person-${++numbers}`;

    const input = document.createElement('input');
    Object.assign(input, { className: 'input', type: 'text', autocomplete: 'off', placeholder: '氏名・よみ・内線・所属' });
    for (const [name, value] of Object.entries({ role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': `${id}-list` })) input.setAttribute(name, value);
    for (const name of ['aria-describedby', 'aria-invalid', 'aria-required']) {
      const value = select.getAttribute(name);
      if (value) input.setAttribute(name, value);
    }
    const label = this.querySelector(`label[for="${select.id}"]`);
    // The label and the links of the error summary keep leading to the same id.
    input.id = select.id;
    select.id = `${id}-select`;
    if (label) label.setAttribute('for', input.id);

    const list = document.createElement('ul');
    list.className = 'finder__list';
    list.id = `${id}-list`;
    list.hidden = true;
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', '職員の候補');
    const status = document.createElement('p');
    status.className = 'sr-only';
    status.setAttribute('role', 'status');

    const frame = document.createElement('span');
    frame.className = 'finder';
    const shell = select.closest('.select') ?? select;
    shell.before(frame);
    frame.append(input, list, status);
    /** @type {HTMLElement} */ (shell).hidden = true;
    [this.#input, this.#list, this.#status] = [input, list, status];
    this.#show();

    input.addEventListener('input', () => {
      window.clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => this.#search(), PAUSE_MS);
    });
    input.addEventListener('blur', () => { this.#close(); this.#show(); });
    list.addEventListener('pointerdown', (event) => event.preventDefault());
    list.addEventListener('click', (event) => {
      const item = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('[role=option]'));
      if (item) this.#choose(item);
    });
    onKeys(input, {
      ArrowDown: () => (list.hidden ? this.#search() : this.#move(1)),
      ArrowUp: () => this.#move(-1),
      Enter: () => {
        const item = this.#items()[this.#active];
        if (list.hidden || !item) return false;
        this.#choose(item);
        return true;
      },
      Escape: () => {
        if (list.hidden) return false;
        this.#close();
        this.#show();
        return true;
      },
    });
  }

  async #search() {
    const words = this.#input?.value.trim() ?? '';
    if (words === '') {
      if (this.#select) this.#select.value = '';
      this.#select?.dispatchEvent(new Event('change', { bubbles: true }));
      this.#close();
      return;
    }
    this.#request?.abort();
    this.#request = new AbortController();
    try {
      const answer = await fetch(`/api/v1/staff?take=12&q=${encodeURIComponent(words)}`, { signal: this.#request.signal, headers: { Accept: 'application/json' } });
      if (!answer.ok) throw new Error(String(answer.status));
      /** @type {{ total: number, items: Person[] }} */
      const found = await answer.json();
      this.#offer(found.items, found.total);
    } catch (problem) {
      if (problem instanceof DOMException && problem.name === 'AbortError') return;
      // The plain list still works when the search does not.
      const shell = /** @type {HTMLElement | null} */ (this.#select?.closest('.select') ?? this.#select);
      if (shell) shell.hidden = false;
    }
  }

  /** @param {Person[]} people @param {number} total */
  #offer(people, total) {
    const list = this.#list;
    if (!list || !this.#input || !this.#status) return;
    list.replaceChildren(...people.map((person, i) => {
      const item = document.createElement('li');
      item.className = 'finder__item';
      item.id = `${list.id}-${i}`;
      item.setAttribute('role', 'option');
      item.setAttribute('aria-selected', 'false');
      item.dataset.id = person.id;
      item.dataset.text = `${person.name}（${`${person.department} ${person.post}`.trim()}）`;
      const name = document.createElement('strong');
      name.textContent = person.name;
      const rest = document.createElement('span');
      rest.className = 'finder__sub';
      rest.textContent = [person.yomi, `${person.department} ${person.post}`.trim(), person.extension ? `内線 ${person.extension}` : ''].filter((t) => t !== '').join('・');
      item.append(name, rest);
      return item;
    }));
    list.hidden = people.length === 0;
    this.#input.setAttribute('aria-expanded', String(!list.hidden));
    this.#status.textContent = people.length === 0 ? 'あてはまる職員はいません。' : `${total}人${total > people.length ? `のうち${people.length}人を表示` : ''}`;
    this.#active = -1;
    this.#move(1);
  }

  /** @param {number} by */
  #move(by) {
    const items = this.#items();
    if (items.length === 0) return;
    items[this.#active]?.setAttribute('aria-selected', 'false');
    this.#active = (this.#active + by + items.length) % items.length;
    const item = items[this.#active];
    item?.setAttribute('aria-selected', 'true');
    item?.scrollIntoView({ block: 'nearest' });
    this.#input?.setAttribute('aria-activedescendant', item?.id ?? '');
  }

  /** @param {HTMLElement} item */
  #choose(item) {
    const select = this.#select;
    if (!select) return;
    const id = item.dataset.id ?? '';
    if (![...select.options].some((o) => o.value === id)) select.add(new Option(item.dataset.text ?? '', id));
    select.value = id;
    select.dispatchEvent(new Event('change', { bubbles: true }));
    this.#close();
    this.#show();
  }

  #close() {
    window.clearTimeout(this.#timer);
    this.#request?.abort();
    if (this.#list) this.#list.hidden = true;
    this.#input?.setAttribute('aria-expanded', 'false');
    this.#input?.removeAttribute('aria-activedescendant');
  }

  #show() {
    const select = this.#select;
    if (select && this.#input) this.#input.value = select.value === '' ? '' : select.selectedOptions[0]?.text ?? '';
  }

  /** @returns {HTMLElement[]} */
  #items() {
    return this.#list ? /** @type {HTMLElement[]} */ ([...this.#list.children]) : [];
  }
}

customElements.define('kita-person', KitaPerson);
