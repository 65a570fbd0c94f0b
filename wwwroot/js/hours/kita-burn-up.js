// <kita-burn-up data-table="id">: the chart inside can be read month by month with the arrow keys. The words come from the table of the same numbers.

class KitaBurnUp extends HTMLElement {
  /** @type {HTMLTableRowElement[]} */
  #rows = [];
  /** @type {string[]} */
  #heads = [];
  #at = -1;
  /** @type {HTMLElement | undefined} */
  #reader;

  connectedCallback() {
    const table = /** @type {HTMLTableElement | null} */ (document.getElementById(this.dataset.table ?? ''));
    const figure = this.querySelector('figure');
    if (!table || !figure || this.#reader) return;
    this.#heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((cell) => cell.textContent?.trim() ?? '');
    this.#rows = [...(table.tBodies[0]?.rows ?? [])];
    this.#reader = document.createElement('p');
    this.#reader.className = 'burnup__reader muted';
    this.#reader.setAttribute('aria-live', 'polite');
    this.#reader.textContent = '図を選び、左右の矢印キーで月ごとに読めます。';
    figure.append(this.#reader);
    for (const part of this.querySelectorAll('.burnup__wide, .burnup__narrow')) {
      part.classList.add('burnup__focus');
      part.setAttribute('tabindex', '0');
      part.setAttribute('role', 'group');
      part.setAttribute('aria-label', '積み上げの図。左右の矢印キーで月ごとに読みます。');
      part.addEventListener('keydown', this.#key);
    }
  }

  /** @param {Event} event */
  #key = (event) => {
    const { key } = /** @type {KeyboardEvent} */ (event);
    const last = this.#rows.length - 1;
    const next = { ArrowRight: Math.min(last, this.#at + 1), ArrowLeft: Math.max(0, this.#at - 1), Home: 0, End: last }[key];
    if (next === undefined) return;
    event.preventDefault();
    this.#at = next;
    this.#read();
  };

  #read() {
    const cells = [...(this.#rows[this.#at]?.cells ?? [])].map((cell) => cell.textContent?.trim() ?? '');
    const said = cells.slice(1).map((text, i) => (text ? `${this.#heads[i + 1]} ${text}` : '')).filter(Boolean);
    if (this.#reader) this.#reader.textContent = `${cells[0]}：${said.join('、')}`;
    for (const chart of this.querySelectorAll('svg.burnup__chart')) {
      const dots = [...chart.querySelectorAll('[data-dots] circle')];
      dots.forEach((dot, i) => dot.classList.toggle('burnup__dot--here', i === this.#at));
      const guide = chart.querySelector('[data-guide]');
      const x = dots[this.#at]?.getAttribute('cx');
      guide?.setAttribute('visibility', x ? 'visible' : 'hidden');
      if (x) {
        guide?.setAttribute('x1', x);
        guide?.setAttribute('x2', x);
      }
    }
  }
}

customElements.define('kita-burn-up', KitaBurnUp);
