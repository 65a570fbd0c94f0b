// Bundles the third-party browser parts into the top-level wwwroot/lib (never committed, never edited).
// Run by the build (Wwwroot.targets) whenever package-lock.json or this file changes.
import { build } from 'esbuild';
import { mkdir, readFile, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const lib = join(here, '..', '..', 'wwwroot', 'lib');

/**
 * The MIT licence of a package that does not ship its text.
 * @param {string} name
 * @param {string} holder
 */
const mit = (name, holder) => `${name}\n\nThe MIT License (MIT)\n\nCopyright (c) ${holder}\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:\n\nThe above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.\n\nTHE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** Everything that comes from outside: where it lands below /lib, and what it is made from. */
const parts = [
  // Digital Agency design system (MIT): colours, type, spacing as CSS custom properties.
  { out: 'tokens.css', entry: '@digital-go-jp/design-tokens/dist/tokens.css', licence: '@digital-go-jp/design-tokens/LICENSE' },
  // EventCalendar (MIT) with Svelte (MIT), the chart of /booking: only the two parts it uses. The calendar ships no licence file of its own; its name, version and origin stay in the bundle.
  { out: 'event-calendar.js', code: "export { createCalendar, destroyCalendar, ResourceTimeline, Interaction } from '@event-calendar/core';", licence: 'svelte/LICENSE.md' },
  { out: 'event-calendar.css', entry: '@event-calendar/core/dist/index.css', licence: 'svelte/LICENSE.md' },
  // Reads QR, Code 128, Code 39 and EAN from a camera's picture (browser MIT, library Apache-2.0).
  { out: 'zxing.js', code: "export { BrowserMultiFormatReader, BarcodeFormat } from '@zxing/browser';", licence: '@zxing/browser/LICENSE' },
  // SignalR (MIT), the client of the portal's own sockets. The package carries no licence file of its own.
  { out: 'signalr.js', code: "export { HubConnectionBuilder, HttpTransportType, LogLevel } from '@microsoft/signalr';", notice: mit('@microsoft/signalr', '.NET Foundation and Contributors') },
];

await rm(lib, { recursive: true, force: true });
await mkdir(lib, { recursive: true });

for (const part of parts) {
  const licence = part.notice ?? await readFile(join(here, 'node_modules', part.licence), 'utf8');
  await build({
    absWorkingDir: here,
    ...(part.code ? { stdin: { contents: part.code, resolveDir: here } } : { entryPoints: [join(here, 'node_modules', part.entry)] }),
    outfile: join(lib, part.out),
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome111', 'safari16.4', 'firefox115'],
    legalComments: 'inline',
    banner: { [part.out.endsWith('.css') ? 'css' : 'js']: `/*!\n${licence.trim()}\n*/` },
    logLevel: 'warning',
  });
}

// The build compares times: a bundle that did not change still counts as made now.
const now = new Date();
await utimes(join(lib, 'tokens.css'), now, now);
