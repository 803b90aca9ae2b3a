// The charts of the page.
import { BASE, LEAST } from '../candidates/index.mjs';
import { renderChart } from '../chart.mjs';
import { renderLines } from '../line-chart.mjs';
import { GROWTH } from '../workloads.mjs';
import { COLUMNS, OURS, readerOf, timeOf } from './reader.mjs';

/** The bars of the newest Node.js of the run. */
export const renderPageChart = (results) => {
  const { ratio } = readerOf(results);
  const { major, version } = results.nodes.at(-1);
  const groups = COLUMNS.map((column) => ({
    title: column.title,
    bars: results.candidates.flatMap(({ name, title }) => {
      const found = name === BASE ? undefined : ratio(major, column, name);
      return found === undefined ? [] : [{ title, ratio: found.ratio, isOurs: name === OURS }];
    }),
  }));
  return renderChart({
    title: `Times the cost of "by hand", Node.js ${version}, on a logarithmic scale: shorter is better`,
    groups,
  });
};

/** A panel for each Node.js; nothing where growth was not measured. */
export const renderGrowthChart = (results) => {
  const { find, titleOf } = readerOf(results);
  const panels = results.nodes.map(({ major }) => ({
    title: `Node.js ${major}`,
    lines: [BASE, LEAST, OURS].flatMap((name) => {
      const points = GROWTH.sizes.flatMap((size) => {
        const values = find(major, GROWTH.name, name, size);
        return values === undefined ? [] : [{ x: size, y: timeOf(values) }];
      });
      return points.length === 0
        ? []
        : [{ title: titleOf(name), isOurs: name === OURS, isLeast: name === LEAST, points }];
    }),
  }));
  const drawn = panels.filter(({ lines }) => lines.length > 0);
  if (drawn.length === 0) return undefined;
  return renderLines({
    title: 'CPU time for each async work by the number of works in the operation, both on logarithmic scales',
    panels: drawn,
  });
};
