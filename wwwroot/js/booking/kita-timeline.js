// <kita-timeline> around the table of free times on /booking: draws the same as a chart, in which one drags over free time to fill the form.
// The table stands before the chart and does everything without it; which of the two is open is remembered.

/** How often an open chart asks whether something changed; also on coming back to the page. */
const FRESH_MS = 60_000;

const REMEMBERED = 'kita-timeline';

/**
 * @typedef {{ id: string, label: string, state: string | null }} TimelineDevice
 * @typedef {{ id: string, model: string, class: string, devices: TimelineDevice[] }} TimelinePool
 * @typedef {{ device: string, from: string, to: string, look: string, state: string, who: string }} TimelineBar
 * @typedef {{ opens: string, closes: string, closed: { day: string, reason: string }[], pools: TimelinePool[], bars: TimelineBar[] }} TimelineData
 * @typedef {{ start: Date, end: Date, startStr: string, endStr: string, resource: { id: string } }} Dragged
 */

class KitaTimeline extends HTMLElement {
  /** @type {any} */ #calendar = null;
  /** @type {TimelineData | null} */ #data = null;
  #etag = '';
  /** @type {number | undefined} */ #timer = undefined;

  connectedCallback() {
    const [table, chart] = [this.#part('table'), this.#part('chart')];
    if (!table || !chart) return;
    chart.hidden = false;
    if (localStorage.getItem(REMEMBERED) === 'chart') [table.open, chart.open] = [false, true];
    if (chart.open) this.#draw();
    chart.addEventListener('toggle', () => {
      localStorage.setItem(REMEMBERED, chart.open ? 'chart' : 'table');
      if (chart.open) this.#draw();
    });
    document.addEventListener('visibilitychange', this.#wake);
    window.addEventListener('pageshow', this.#wake);
    window.addEventListener('online', this.#wake);
    this.#later();
  }

  disconnectedCallback() {
    window.clearTimeout(this.#timer);
    document.removeEventListener('visibilitychange', this.#wake);
    window.removeEventListener('pageshow', this.#wake);
    window.removeEventListener('online', this.#wake);
  }

  #wake = () => {
    if (document.visibilityState === 'visible') this.#refresh();
  };

  #later() {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#refresh(), FRESH_MS);
  }

  /** @param {string} name */
  #part(name) {
    return /** @type {HTMLDetailsElement | null} */ (this.querySelector(`[data-part="${name}"]`));
  }

  async #draw() {
    const box = /** @type {HTMLElement | null} */ (this.querySelector('[data-chart]'));
    if (!box || this.#calendar) return;
    if (!this.#data) await this.#fetch();
    const data = this.#data;
    if (!data) {
      box.textContent = '図を表示できません。表で見ることができます。';
      return;
    }
    const { createCalendar, ResourceTimeline, Interaction } = await import('/lib/event-calendar.js');
    if (this.#calendar) return;
    box.textContent = '';
    this.#calendar = createCalendar(box, [ResourceTimeline, Interaction], this.#options(data));
    plain(box);
    new MutationObserver(() => plain(box)).observe(box, { childList: true, subtree: true });
    const area = box.querySelector('.ec-main');
    for (const [name, value] of Object.entries({ tabindex: '0', role: 'region', 'aria-label': '空きの図。同じ内容を上の表で読めます。' })) area?.setAttribute(name, value);
  }

  /**
   * @param {TimelineData} data
   * @returns {any}
   */
  #options(data) {
    const view = this.dataset.view ?? 'Day';
    const rows = data.pools.reduce((sum, pool) => sum + 1 + pool.devices.length, 0);
    const many = rows > 80;
    return {
      view: `resourceTimeline${view}`,
      date: this.dataset.first,
      firstDay: 1,
      locale: 'ja-JP',
      height: rows > 14 ? '36rem' : 'auto',
      headerToolbar: { start: '', center: '', end: '' },
      slotMinTime: hourOf(data.opens, 0),
      slotMaxTime: hourOf(data.closes, 1),
      slotDuration: view === 'Week' ? '02:00' : '00:30',
      snapDuration: view === 'Week' ? '00:30' : '00:15',
      slotWidth: view === 'Week' ? 30 : 44,
      slotLabelFormat: { hour: 'numeric', minute: '2-digit' },
      dayHeaderFormat: { month: 'numeric', day: 'numeric', weekday: 'short' },
      views: { resourceTimelineMonth: { slotDuration: { days: 1 }, snapDuration: { days: 1 } } },
      nowIndicator: true,
      buttonText: (/** @type {Record<string, string>} */ words) => ({ ...words, expand: '開く', collapse: '閉じる' }),
      editable: false,
      selectable: true,
      selectMinDistance: 4,
      longPressDelay: 350,
      resources: data.pools.map((pool, i) => ({
        id: pool.id,
        title: rowTitle(pool.model, `${pool.devices.length}台`, 'chart__pool'),
        expanded: !many || i === 0,
        children: pool.devices.map((device) => ({ id: device.id, title: rowTitle(device.label, device.state ?? '', '') })),
      })),
      events: this.#events(data),
      eventContent: (/** @type {any} */ info) => info.event.title,
      eventDidMount: (/** @type {any} */ info) => { info.el.title = info.event.extendedProps.words ?? ''; },
      selectConstraint: (/** @type {Dragged} */ dragged) => this.#isFree(dragged),
      select: (/** @type {Dragged} */ dragged) => this.#fill(dragged),
    };
  }

  /** @param {TimelineData} data */
  #events(data) {
    const all = data.pools.flatMap((pool) => [pool.id, ...pool.devices.map((device) => device.id)]);
    return [
      ...data.bars.map((bar) => ({
        resourceIds: [bar.device],
        start: wallClock(bar.from),
        end: wallClock(bar.to),
        title: `${bar.state} ${bar.who}`.trim(),
        classNames: [`tl--${bar.look}`],
        extendedProps: { words: `${wallClock(bar.from).slice(5).replace('T', ' ')}～${wallClock(bar.to).slice(5).replace('T', ' ')} ${bar.state} ${bar.who}` },
      })),
      ...data.closed.map((closed) => ({
        resourceIds: all,
        // The month draws whole days and shows nothing else behind them.
        ...(this.dataset.view === 'Month' ? { allDay: true, start: closed.day, end: nextDay(closed.day) } : { start: `${closed.day}T00:00`, end: `${closed.day}T23:59` }),
        display: 'background',
        classNames: ['tl--closed'],
        title: '',
      })),
    ];
  }

  /** @param {Dragged} dragged */
  #isFree(dragged) {
    const [from, to] = this.#span(dragged);
    const device = this.#data?.pools.flatMap((pool) => pool.devices).find((one) => one.id === dragged.resource.id);
    if (device?.state) return false;
    return !this.#data?.bars.some((bar) => bar.device === dragged.resource.id && wallClock(bar.from) < to && wallClock(bar.to) > from);
  }

  /**
   * What was dragged over; whole days of the month are from opening to closing.
   * @param {Dragged} dragged
   * @returns {[string, string]}
   */
  #span(dragged) {
    const [from, to] = [dragged.startStr.slice(0, 16), dragged.endStr.slice(0, 16)];
    if (this.dataset.view !== 'Month' || !this.#data) return [from, to];
    const last = nextDay(to.slice(0, 10), -1);
    return [`${from.slice(0, 10)}T${this.#data.opens.slice(0, 5)}`, `${last}T${this.#data.closes.slice(0, 5)}`];
  }

  /** @param {Dragged} dragged */
  #fill(dragged) {
    const [from, to] = this.#span(dragged);
    const stamp = (/** @type {string} */ time) => time.replace(/[-T:]/g, '');
    const pool = this.#data?.pools.find((one) => one.id === dragged.resource.id);
    const device = this.#data?.pools.flatMap((one) => one.devices).find((one) => one.id === dragged.resource.id);
    const what = pool ? `Form.Choice=p${pool.id}` : `d=${encodeURIComponent(device?.label ?? '')}`;
    location.assign(`/booking/reserve?${what}&t=${stamp(from)}-${stamp(to)}${this.dataset.rest ?? ''}`);
  }

  async #fetch() {
    const [first, days] = [this.dataset.first ?? '', Number(this.dataset.days)];
    const to = nextDay(first, days);
    const what = this.dataset.what ?? '';
    const kind = what ? `&${what.startsWith('c') ? 'class' : 'model'}=${what.slice(1)}` : '';
    const answer = await fetch(`/api/v1/booking/timeline?office=${this.dataset.office}&from=${first}&to=${to}${kind}`, { headers: this.#etag ? { 'If-None-Match': this.#etag } : {} })
      .catch(() => null); // Not reachable now; asked again later.
    if (!answer?.ok) return false; // 304 too: nothing is new
    this.#etag = answer.headers.get('ETag') ?? '';
    this.#data = await answer.json();
    return true;
  }

  async #refresh() {
    this.#later();
    if (document.visibilityState !== 'visible') return;
    const known = this.#etag;
    if (!(await this.#fetch()) || !this.#data) return;
    if (this.#calendar) this.#calendar.setOption('events', this.#events(this.#data));
    else if (this.#part('chart')?.open) this.#draw();
    const news = /** @type {HTMLElement | null} */ (this.querySelector('[data-news]'));
    if (news && known) news.hidden = false;
  }
}

/**
 * The chart calls itself a table without being one; the real table stands before it. What it says is then read as plain text.
 * @param {HTMLElement} box
 */
function plain(box) {
  const ofTables = ['aria-colindex', 'aria-rowindex', 'aria-colspan', 'aria-rowspan', 'aria-colcount', 'aria-rowcount', 'aria-level', 'aria-expanded'];
  for (const part of box.querySelectorAll('.ec, .ec-main [role]')) part.removeAttribute('role');
  for (const name of ofTables) for (const part of box.querySelectorAll(`[${name}]:not(button)`)) part.removeAttribute(name);
}

/** @param {string} day @param {number} count */
function nextDay(day, count = 1) {
  return new Date(Date.parse(`${day}T00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

/** @param {string} moment with the offset of Tokyo */
function wallClock(moment) {
  return moment.slice(0, 16);
}

/** @param {string} time @param {number} up whole hours around the opening hours */
function hourOf(time, up) {
  const hour = Number(time.slice(0, 2)) + (up > 0 && time.slice(3, 5) !== '00' ? 1 : 0);
  return `${String(hour).padStart(2, '0')}:00`;
}

/** @param {string} name @param {string} more @param {string} look */
function rowTitle(name, more, look) {
  const title = document.createElement('span');
  if (look) title.className = look;
  title.textContent = name;
  const rest = document.createElement('span');
  rest.className = 'chart__state';
  rest.textContent = more;
  title.append(rest);
  return { domNodes: [title] };
}

customElements.define('kita-timeline', KitaTimeline);
