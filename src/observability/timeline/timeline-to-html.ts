import { invalidType, invalidUse } from '../../api/invalid-argument.js';
import { checkTimeline } from './check-timeline.js';
import { sha256 as scriptHash, text as script } from './page/page.js?inlined';
import { sha256 as styleHash, text as style } from './page/style.css?inlined';
import type { Timeline } from './timeline.js';
import { timelineToText } from './timeline-to-text.js';

/** Options of `timelineToHtml`. */
export interface HtmlOptions {
  /**
   * The title of the page.
   *
   * @default 'Timeline'
   */
  title?: string | undefined;
}

/** How many rows browsers without scripts show. */
const PLAIN_ROWS = 1000;

/**
 * Formats the timeline as one HTML page, for browsers from 2024 on. The page zooms, filters and steps
 * through the rows, with a pointer, a keyboard or a screen reader. It follows the light or dark theme
 * of the system, and shows up to 500,000 rows.
 *
 * The page is self-contained: its Content-Security-Policy forbids it to load anything. Names and
 * reasons are always shown as text, never as markup.
 *
 * Throws a `TypeError` or `RangeError` (`ERR_DEFERQUEUE_INVALID_ARGUMENT`) for an invalid timeline,
 * for one of another version, and for invalid options.
 *
 * @example
 * writeFileSync('timeline.html', timelineToHtml(recording.stop(), { title: 'Nightly import' }));
 */
export const timelineToHtml = (timeline: Timeline, options: HtmlOptions = {}): string => {
  checkTimeline(timeline);
  const title = escaped(read(options).title);
  // JSON reads the escape as `<`, and the HTML parser finds no tag in it.
  const data = JSON.stringify(timeline).replaceAll('<', String.raw`\u003c`);
  const plain = escaped(timelineToText(timeline, { width: 120, limit: PLAIN_ROWS }));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'sha256-${styleHash}'; script-src 'sha256-${scriptHash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="deferqueue">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<noscript><pre>${plain}</pre></noscript>
<main id="app" hidden>
<header><h1>${title}</h1><p id="about"></p></header>
<div class="tools" role="group" aria-label="Timeline">
<input id="filter" type="search" placeholder="Name, state or reason" aria-label="Filter by name, state or reason" autocomplete="off" spellcheck="false">
<button id="failure" type="button">Next failure</button>
<button id="fold" type="button">Fold all</button>
<button id="out" type="button" aria-label="Zoom out">−</button>
<button id="in" type="button" aria-label="Zoom in">+</button>
<button id="all" type="button">Whole time</button>
<button id="help" type="button" aria-label="Keys">?</button>
<p id="range" role="status"></p><p id="found" role="status"></p>
<p class="legend">${LEGEND.map(([key, what]) => `<span><span class="key ${key}"></span>${what}</span>`).join(' ')}</p>
</div>
<canvas id="overview" aria-hidden="true"></canvas>
<div id="board">
<div id="grid" role="treegrid" aria-label="Operations, tasks and work items" aria-colcount="4">
<div class="head" role="rowgroup"><div class="row" role="row" aria-rowindex="1"><div class="name" role="columnheader">Name</div><div class="state" role="columnheader">State</div><div class="took" role="columnheader">Took</div><div class="when" role="columnheader"><span class="unseen">When</span><span id="axis" aria-hidden="true"></span></div></div></div>
<div id="lines-frame" aria-hidden="true"><div id="lines"></div></div>
<div id="scroller" role="rowgroup"><div id="rows" role="none"></div></div>
</div>
<p id="nothing" hidden></p>
</div>
<p id="unprinted"></p>
<section id="details" aria-label="Details" tabindex="0" hidden></section>
<div id="tip" aria-hidden="true" hidden></div>
<dialog id="keys" aria-labelledby="keys-title"><h2 id="keys-title">Keys, on a row</h2><dl>
${KEYS.map(([keys, what]) => `<dt>${keys.map((key) => `<kbd>${key}</kbd>`).join(' ')}</dt><dd>${what}</dd>`).join('\n')}
</dl><p>With a pointer: drag the bars to move, use Ctrl and the wheel to zoom, drag over the overview to select a range.</p>
<form method="dialog"><button>Close</button></form></dialog>
</main>
<script id="timeline" type="application/json">${data}</script>
<script>${script}</script>
</body>
</html>
`;
};

const LEGEND = [
  ['body', 'runs'],
  ['drain', 'drains'],
  ['wait', 'work waits'],
  ['run', 'work runs'],
  ['fail', 'work fails'],
] as const;

const KEYS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['↑', '↓', 'Page Up', 'Page Down', 'Home', 'End'], 'go to another row'],
  [['←', '→'], 'fold and unfold, go up and down a level'],
  [['Enter'], 'zoom to the time of the row'],
  [['+', '−', '0'], 'zoom in, zoom out, whole time'],
  [['Shift ←', 'Shift →'], 'earlier, later'],
  [['f', 'Shift f'], 'next failure, previous failure'],
  [['/'], 'filter'],
  [['?'], 'show these keys'],
];

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (char) => ESCAPES[char]!);

const read = (options: HtmlOptions): { title: string } => {
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
  const { title = 'Timeline', ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw invalidUse(`Unknown option \`${unknown}\`. There is: title`);
  if (typeof title !== 'string') throw invalidType('options.title', 'a string', title);
  return { title };
};
