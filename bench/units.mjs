// How numbers are written.
export const factor = (number) =>
  number >= 100 ? number.toFixed(0) : number >= 10 ? number.toFixed(1) : number.toFixed(2);

const UNITS = [
  ['s', 1e9],
  ['ms', 1e6],
  ['µs', 1e3],
];

const nanoseconds = (number) => {
  const [unit, size] = UNITS.find(([, least]) => number >= least) ?? ['ns', 1];
  return `${size === 1 ? number.toFixed(0) : factor(number / size)} ${unit}`;
};

/** A value of a workload; without a unit it is a time. Less than half a hundredth of a byte is nothing. */
export const withUnit = (number, unit) => {
  if (unit === undefined) return nanoseconds(number);
  if (unit === 'ms') return nanoseconds(number * 1e6);
  const written =
    Math.abs(number) < 0.005 ? '0' : Math.abs(number) >= 10 ? number.toFixed(0) : factor(number);
  return `${written} ${unit}`;
};
