// Menus are <details>: they open without us. With us they also close on Esc, on a click outside and when the focus leaves.
import { onKeys } from './keys.js';

for (const menu of /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll('details[data-menu]'))) {
  onKeys(menu, {
    Escape: () => {
      if (!menu.open) return false;
      menu.open = false;
      menu.querySelector('summary')?.focus();
      return true;
    },
  });
  menu.addEventListener('focusout', (event) => {
    if (event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) menu.open = false;
  });
}

document.addEventListener('pointerdown', (event) => {
  for (const menu of /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll('details[data-menu][open]'))) {
    if (!menu.contains(/** @type {Node} */ (event.target))) menu.open = false;
  }
});
