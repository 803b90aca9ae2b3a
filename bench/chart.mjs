// A bar chart of ratios, as SVG: pure, from the rows of one Node.js.
import { escape, text } from './svg.mjs';
import { factor } from './units.mjs';

const BAR = 13;
const GAP = 3;
const LEFT = 190;
const RIGHT = 70;
const WIDTH = 860;
const HEAD = 48;
const BAND = 30;
const MARKS = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

/**
 * Groups of bars on a logarithmic axis, on which 1 is the base. A group has a `title` and `bars`, each with `title`, `ratio`, and
 * `isOurs`.
 */
export const renderChart = ({ title, groups }) => {
  const ratios = groups.flatMap(({ bars }) => bars.map(({ ratio }) => ratio));
  const least = Math.min(0.5, ...ratios);
  const most = Math.max(2, ...ratios);
  const place = (ratio) =>
    LEFT +
    ((Math.log(ratio) - Math.log(least)) / (Math.log(most) - Math.log(least))) * (WIDTH - LEFT - RIGHT);
  const parts = [];
  let y = HEAD;
  for (const group of groups) {
    y += BAND;
    parts.push(text(LEFT, y - 8, group.title, 'font-weight="bold"'));
    for (const bar of group.bars) {
      const [from, to] = [place(1), place(bar.ratio)].toSorted((one, other) => one - other);
      const width = Math.max(to - from, 1).toFixed(1);
      const colour = bar.isOurs ? '#0b63c5' : '#9aa3ad';
      parts.push(
        text(LEFT - 8, y + BAR - 3, bar.title, `text-anchor="end"${bar.isOurs ? ' font-weight="bold"' : ''}`),
        `<rect x="${from.toFixed(1)}" y="${y}" width="${width}" height="${BAR}" fill="${colour}"/>`,
        text((to + 5).toFixed(1), y + BAR - 3, factor(bar.ratio)),
      );
      y += BAR + GAP;
    }
  }
  const height = y + 20;
  const marks = MARKS.filter((mark) => mark >= least && mark <= most).map((mark) => {
    const x = place(mark).toFixed(1);
    const colour = mark === 1 ? '#333' : '#e2e5e8';
    return (
      `<line x1="${x}" y1="${HEAD}" x2="${x}" y2="${height - 12}" stroke="${colour}"/>` +
      text(x, HEAD - 6, `${mark}`, 'text-anchor="middle" fill="#555"')
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    text(12, 20, title, 'font-size="13" font-weight="bold"'),
    ...marks,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
};
