// How numbers are written, on the page and where a run ends.
export const factor = (number) =>
  number >= 100 ? number.toFixed(0) : number >= 10 ? number.toFixed(1) : number.toFixed(2);

export const nanoseconds = (number) => {
  for (const [unit, size] of [
    ['s', 1e9],
    ['ms', 1e6],
    ['µs', 1e3],
  ]) {
    if (number >= size)
      return `${(number / size).toFixed(number >= 100 * size ? 0 : number >= 10 * size ? 1 : 2)} ${unit}`;
  }
  return `${number.toFixed(0)} ns`;
};

export const milliseconds = (number) => nanoseconds(number * 1e6);

/** Less than half a hundredth is nothing, on either side of it. */
export const hundredths = (number) => number.toFixed(2).replace(/^-(0\.00)$/, '$1');

export const bytes = (number) => `${number.toFixed(0)} B`;

/** Of 10^6 bytes. */
export const megabytes = (number) => `${(number / 1e6).toFixed(number < 1e7 ? 2 : number < 1e8 ? 1 : 0)} MB`;

export const count = (number) => number.toLocaleString('en-US');
