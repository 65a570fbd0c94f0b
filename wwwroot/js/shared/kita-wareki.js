// <kita-wareki>: a date field and its reading in the era calendar, 令和8年12月1日（火）.

const day = new Intl.DateTimeFormat('ja-JP-u-ca-japanese', { era: 'long', year: 'numeric', month: 'long', day: 'numeric', timeZone: 'UTC' });
const weekday = new Intl.DateTimeFormat('ja-JP', { weekday: 'short', timeZone: 'UTC' });

class KitaWareki extends HTMLElement {
  connectedCallback() {
    const input = this.querySelector('input');
    const reading = this.querySelector('.field__unit');
    if (!input || !reading) return;
    input.addEventListener('input', () => {
      const date = input.valueAsDate;
      reading.textContent = date ? `${day.format(date)}（${weekday.format(date)}）` : '';
    });
  }
}

customElements.define('kita-wareki', KitaWareki);
