// docs/benchmarks.md, from the results of a run: pure, and with no number that the results do not have.
import { goals } from './page/goals.mjs';
import { left, method } from './page/method.mjs';
import { absolute, peers, seen } from './page/peers.mjs';
import { readerOf } from './page/reader.mjs';
import { growth, live, memory, peak, sequential } from './page/resources.mjs';
import { fairness, startup } from './page/service.mjs';

export { renderGrowthChart, renderPageChart } from './page/charts.mjs';
export { renderSummary, withSummary } from './page/summary.mjs';

export const renderPage = (results) => {
  const reader = readerOf(results);
  const parts = [
    `# Benchmarks

What deferring costs here, beside the same work written by hand and other libraries that run work at the end of something. Nobody
writes on this page: it is made from \`bench/results/page.json\`, the results of one run.`,
    goals(results, reader),
    peers(results, reader),
    seen(results),
    absolute(results, reader),
    memory(results, reader),
    peak(results, reader),
    sequential(results, reader),
    live(results, reader),
    growth(results, reader),
    fairness(results, reader),
    startup(results, reader),
    left(results),
    method(results),
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
};
