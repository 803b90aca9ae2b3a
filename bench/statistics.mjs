// What is computed from measurements.
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { median, min, quantile } from 'simple-statistics';

const isTime = (metric) => metric === 'cpu' || metric === 'wall';

/** What stands for the samples of one process. A disturbance makes a time longer; it may make a number of bytes smaller too. */
export const ofSamples = (metric, values) => (isTime(metric) ? quantile(values, 0.25) : median(values));

/** What stands for all rounds: of times the best, since a shared machine may be slow for minutes, and else the median. */
export const ofRounds = (metric, values) => (isTime(metric) ? min(values) : median(values));

/**
 * How many times the base the values are, over the rounds that have both: the ratio of the best rounds, and the quartiles of the
 * ratios within the rounds. Nothing without such a round.
 */
export const ratioTo = (base = [], values = []) => {
  const rounds = [...values.keys()].filter((round) => values[round] > 0 && base[round] > 0);
  if (rounds.length === 0) return undefined;
  const ratios = rounds.map((round) => values[round] / base[round]);
  const bestOf = (list) => min(rounds.map((round) => list[round]));
  return {
    ratio: bestOf(values) / bestOf(base),
    low: quantile(ratios, 0.25),
    high: quantile(ratios, 0.75),
  };
};

/** A source of numbers from 0 up to 1 that depend only on the seed. */
export const randomFrom = (seed) => {
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
};
