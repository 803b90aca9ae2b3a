// What is computed from the counts, and what is said about them. Pure functions: test/cost holds them.

/**
 * The counts, in the order of the table: how they are called, and the share by which one may grow until that is a failure. All are
 * the same in every run, save that bytes differ by a ten-thousandth: how objects fit into pages is not quite the same. The share is
 * what need not be explained.
 */
export const COUNTS = {
  bytes: { title: 'bytes', tolerance: 0.005 },
  promises: { title: 'promises', tolerance: 0.005 },
  microtasks: { title: 'microtasks', tolerance: 0.005 },
  resources: { title: 'resources', tolerance: 0.005 },
  calls: { title: 'calls', tolerance: 0.01 },
  tokens: { title: 'tokens', tolerance: 0.02 },
};

/** Differences below this are those of rounding. */
const SMALLEST = 0.01;

const rounded = (number) => Math.round(number * 1000) / 1000;

/** What the subject costs for each part of a batch, without what the workload costs by itself. */
export const costOf = (counted, inPlace, parts) =>
  Object.fromEntries(
    Object.keys(COUNTS).map((name) => [name, rounded((counted[name] - inPlace[name]) / parts)]),
  );

/** How one count stands to what is held: `held`, `heavier` or `lighter`. */
export const compareCount = (name, held, found) => {
  const { tolerance } = COUNTS[name];
  const allowed = Math.max(Math.abs(held) * tolerance, SMALLEST);
  if (found - held > allowed) return 'heavier';
  return held - found > allowed ? 'lighter' : 'held';
};

/** A number as people read it: more digits, the smaller it is. */
export const written = (number) => {
  const digits = Math.abs(number) >= 100 ? 0 : Math.abs(number) >= 10 ? 1 : 2;
  return number.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
};

const change = (held, found) => {
  if (held === 0) return '';
  const share = ((found - held) / Math.abs(held)) * 100;
  return ` (${share > 0 ? '+' : '−'}${Math.abs(share).toFixed(1)} %)`;
};

/**
 * Holds what was found to the ceilings, both by the names of workloads. `heavier` are failures, and so is what is missing on one of
 * the sides; `lighter` is what was gained and is not held yet. All are sentences.
 */
export const compare = (workloads, ceilings, costs) => {
  /** @type {Record<'heavier' | 'lighter' | 'missing', string[]>} */
  const told = { heavier: [], lighter: [], missing: [] };
  for (const { name, title, per } of workloads) {
    for (const [count, { title: what, tolerance }] of Object.entries(COUNTS)) {
      const held = ceilings[name]?.[count];
      const found = costs[name][count];
      if (held === undefined) {
        told.missing.push(`${name}, ${title}: nothing is held for ${what}`);
        continue;
      }
      const how = compareCount(count, held, found);
      if (how === 'held') continue;
      const allowed = how === 'heavier' ? `; up to ${tolerance * 100} % is let through` : '';
      told[how].push(
        `${name}, ${title}: ${what} for each ${per} went from ${written(held)} to ${written(found)}${change(held, found)}${allowed}`,
      );
    }
  }
  const known = new Set(workloads.map(({ name }) => name));
  for (const name of Object.keys(ceilings)) {
    if (!known.has(name))
      told.missing.push(`${name}: there is no such workload, and something is held for it`);
  }
  return told;
};

/** What a failure or a gain ends with. */
export const UPDATE = 'npm run check:cost -- --update';

/** The sentences to print, and whether they are a failure. */
export const verdict = ({ heavier, lighter, missing }) => {
  const lines = [];
  const list = (mark, sentences) => lines.push(...sentences.map((sentence) => `${mark} ${sentence}`));
  list('✗', heavier);
  list('✗', missing);
  list('-', lighter);
  const failed = heavier.length > 0 || missing.length > 0;
  if (heavier.length > 0)
    lines.push(
      'The hot path has become heavier. Where that is meant, accept it, and say in the commit what it is for:',
      `  ${UPDATE}`,
    );
  else if (missing.length > 0)
    lines.push('What is held is not what is counted. Write it anew:', `  ${UPDATE}`);
  else if (lighter.length > 0)
    lines.push('It has become lighter. Hold what was gained, in the same commit:', `  ${UPDATE}`);
  else lines.push('✓ no count of the hot path has grown');
  return { failed, lines };
};
