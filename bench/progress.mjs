// How far a long run is: a bar where somebody watches, a line now and then where nobody does.
import { Presets, SingleBar } from 'cli-progress';

/** Milliseconds between two lines. */
const PAUSE = 15_000;

const inWords = (milliseconds) => {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

export const createProgress = (total) => {
  const started = performance.now();
  let done = 0;
  const left = () => inWords(((performance.now() - started) / done) * (total - done));
  if (!process.stdout.isTTY) {
    let toldAt = started;
    return {
      step: (what) => {
        done++;
        if (performance.now() - toldAt < PAUSE && done < total) return;
        toldAt = performance.now();
        console.log(`${done} of ${total} measurements, ${left()} left (${what})`);
      },
      stop: () => undefined,
    };
  }
  const bar = new SingleBar(
    { format: '{bar} {value} of {total} measurements, {left} left ({what})', hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(total, 0, { left: '?', what: '' });
  return { step: (what) => bar.update(++done, { left: left(), what }), stop: () => bar.stop() };
};
