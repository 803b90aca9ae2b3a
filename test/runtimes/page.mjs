// Holds docs/runtimes.md to what was seen: its table of versions, and its table of what some runtimes cannot do.
import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../../docs/runtimes.md', import.meta.url), 'utf8');

const cellsOf = (row) =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The rows of the table whose first heading that is, each by its headings. */
const tableOf = (heading) => {
  const lines = page.split('\n');
  const first = lines.findIndex((line) => cellsOf(line)[0] === heading);
  if (first < 0) throw new Error(`docs/runtimes.md has no table of "${heading}"`);
  const rest = lines.slice(first);
  const length = rest.findIndex((line) => !line.startsWith('|'));
  const [headings, , ...rows] = rest.slice(0, length < 0 ? undefined : length).map(cellsOf);
  return rows.map((cells) => Object.fromEntries(headings.map((name, index) => [name, cells[index]])));
};

const listed = (names) => [...names].toSorted((one, other) => (one < other ? -1 : 1)).join(', ') || 'nothing';

/** What the page says wrongly of a runtime that has run. */
export const mistakesOf = ({ title, isFixed }, version, notSupported) => {
  const mistakes = [];
  const row = tableOf('runtime').find(({ runtime }) => runtime === title);
  if (row === undefined) return [`docs/runtimes.md does not tell of ${title}`];
  // Whoever runs this may have any version of the Node.js that runs it.
  if (isFixed && row['seen with'] !== version) {
    mistakes.push(`docs/runtimes.md has it as seen with ${row['seen with']}, not ${version}`);
  }
  const said = tableOf('what').filter((line) => line[title] === 'no');
  const [onPage, seen] = [listed(said.map(({ what }) => what)), listed(notSupported)];
  if (onPage !== seen) {
    mistakes.push(`docs/runtimes.md says that it lacks: ${onPage}\n  it was seen to lack: ${seen}`);
  }
  return mistakes;
};
