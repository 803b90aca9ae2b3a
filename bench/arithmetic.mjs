// What is computed from the measurements. Pure functions: test/bench holds them.

/** Numbers in ascending order. The default order of JavaScript is that of texts. */
const ascending = (values) => values.toSorted((one, other) => one - other);

/** The value below which a share of the values lies, linear between the two neighbours. */
export const quantile = (values, share) => {
  if (values.length === 0) throw new RangeError('There is no quantile of no values');
  const sorted = ascending(values);
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
};

/** What stands for the samples of one process: what disturbs a measurement makes it larger, never smaller. */
export const lowerQuartile = (values) => quantile(values, 0.25);

/** What stands for all rounds: a shared machine may be slow for minutes, and a quartile of three rounds is in such a time when two are. */
export const best = (values) => {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) throw new RangeError('There is no best of no values');
  return Math.min(...known);
};

export const median = (values) => quantile(values, 0.5);

/** A value for each round, where both were measured in that round. */
const paired = (values, base) => {
  const both = [];
  for (const [round, value] of values.entries()) {
    if (value !== undefined && base[round] !== undefined) both.push(value / base[round]);
  }
  return both;
};

/**
 * How many times the base the values are. `ratio` is that of the best of all rounds; `low` and `high` are the quartiles
 * of the ratios within the rounds, which stood side by side in time. Both lists have a place for each round.
 */
export const ratioTo = (base, values) => {
  const ratios = paired(values, base);
  if (ratios.length === 0) throw new RangeError('No round has both values');
  return {
    ratio: best(values) / best(base),
    low: quantile(ratios, 0.25),
    high: quantile(ratios, 0.75),
  };
};

/** Numbers from 0 up to 1 that depend on the seed alone (a linear congruential generator). */
export const randomFrom = (seed) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // The lower bits of such a generator repeat themselves soon.
    return (state >>> 8) / 2 ** 24;
  };
};

/** A copy in random order (Fisher and Yates). */
export const shuffled = (values, random) => {
  const copy = [...values];
  for (let last = copy.length - 1; last > 0; last--) {
    const index = Math.floor(random() * (last + 1));
    [copy[last], copy[index]] = [copy[index], copy[last]];
  }
  return copy;
};
