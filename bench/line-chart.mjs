// A chart of lines in panels side by side, both axes logarithmic, as SVG: pure.
import { escape, text } from './svg.mjs';
import { count, nanoseconds } from './units.mjs';

const WIDTH = 860;
const HEIGHT = 330;
const LEFT = 62;
const RIGHT = 16;
const TOP = 78;
const BOTTOM = 46;
const GAP = 18;

const colourOf = ({ isOurs, isLeast }) => {
  if (isOurs) return '#0b63c5';
  return isLeast ? '#b35c00' : '#6b747d';
};

/** 1, 2 and 5 times the powers of ten, as far as they are needed around the values. */
const marksAround = (least, most) => {
  const all = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power++)
    for (const digit of [1, 2, 5]) all.push(digit * 10 ** power);
  const from = all.findLastIndex((mark) => mark <= least);
  const to = all.findIndex((mark) => mark >= most);
  return all.slice(from, Math.max(to, from + 1) + 1);
};

const scale = (least, most, from, to) => (value) =>
  from + ((Math.log(value) - Math.log(least)) / (Math.log(most) - Math.log(least))) * (to - from);

const compact = (size) => (size >= 1e6 ? `${size / 1e6}M` : size >= 1e3 ? `${size / 1e3}k` : `${size}`);

/** A panel has a `title` and `lines`, each with `title`, `isOurs`, `isLeast` and `points` of `x`, a count, and `y`, nanoseconds. */
export const renderLines = ({ title, panels }) => {
  const points = panels.flatMap(({ lines }) => lines.flatMap((line) => line.points));
  const sizes = [...new Set(points.map(({ x }) => x))].toSorted((one, other) => one - other);
  const times = points.map(({ y }) => y);
  const marks = marksAround(Math.min(...times), Math.max(...times));
  const width = (WIDTH - LEFT - RIGHT - GAP * (panels.length - 1)) / panels.length;
  const bottom = HEIGHT - BOTTOM;
  const y = scale(marks[0], marks.at(-1), bottom, TOP);
  const drawn = panels.flatMap((panel, index) => {
    const left = LEFT + index * (width + GAP);
    const inset = 14;
    // One size alone stands in the middle.
    const x =
      sizes.length === 1
        ? () => left + width / 2
        : scale(sizes[0], sizes.at(-1), left + inset, left + width - inset);
    return [
      ...marks.flatMap((mark) => {
        const at = y(mark).toFixed(1);
        const line = `<line x1="${left.toFixed(1)}" y1="${at}" x2="${(left + width).toFixed(1)}" y2="${at}" stroke="#e2e5e8"/>`;
        const label = text(
          LEFT - 6,
          (y(mark) + 4).toFixed(1),
          nanoseconds(mark),
          'text-anchor="end" fill="#555"',
        );
        return index === 0 ? [line, label] : [line];
      }),
      ...sizes.map((size) =>
        text(x(size).toFixed(1), bottom + 16, compact(size), 'text-anchor="middle" fill="#555"'),
      ),
      text((left + width / 2).toFixed(1), TOP - 10, panel.title, 'text-anchor="middle" font-weight="bold"'),
      ...panel.lines.flatMap((line) => {
        const places = line.points.map((point) => [x(point.x).toFixed(1), y(point.y).toFixed(1)]);
        return [
          `<polyline points="${places.map((place) => place.join(',')).join(' ')}" fill="none" stroke="${colourOf(line)}" stroke-width="2"/>`,
          ...line.points.map(
            (point, at) =>
              `<circle cx="${places[at][0]}" cy="${places[at][1]}" r="3" fill="${colourOf(line)}"><title>${escape(`${line.title}, ${panel.title}, ${count(point.x)} works: ${nanoseconds(point.y)}`)}</title></circle>`,
          ),
        ];
      }),
    ];
  });
  const kinds = new Map(panels.flatMap(({ lines }) => lines.map((line) => [line.title, line])));
  const legend = [...kinds.values()].flatMap((line, index) => [
    `<rect x="${LEFT + index * 130}" y="36" width="18" height="4" fill="${colourOf(line)}"/>`,
    text(LEFT + 24 + index * 130, 42, line.title, line.isOurs ? 'font-weight="bold"' : ''),
  ]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(12, 20, title, 'font-size="13" font-weight="bold"'),
    ...legend,
    ...drawn,
    text(
      (LEFT + (WIDTH - LEFT - RIGHT) / 2).toFixed(1),
      HEIGHT - 8,
      'works in the operation',
      'text-anchor="middle" fill="#555"',
    ),
    '</svg>',
    '',
  ].join('\n');
};
