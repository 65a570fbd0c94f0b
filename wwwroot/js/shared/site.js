// What every page has: forms, menus, and the elements that may stand anywhere.
import './forms.js';
import './menus.js';
import './kita-dialog.js';
import './kita-progress.js';
import './kita-wareki.js';
