/** The part of the recording that is shown, in milliseconds. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A hundredth of a microsecond, below the resolution of any clock. */
const SHORTEST = 0.000_01;

/** Scales the range around `at`, which keeps its position, within the whole. */
export const zoomed = ({ from, to }: Range, factor: number, at: number, whole: Range): Range => {
  const length = Math.min(Math.max((to - from) * factor, SHORTEST), whole.to - whole.from);
  const share = (at - from) / (to - from);
  return within({ from: at - share * length, to: at + (1 - share) * length }, whole);
};

/** Moves the range by a share of its length, within the whole. */
export const moved = ({ from, to }: Range, share: number, whole: Range): Range => {
  const by = (to - from) * share;
  return within({ from: from + by, to: to + by }, whole);
};

/** The range from `from` to `to`, with a margin on both sides. */
export const around = (from: number, to: number, whole: Range): Range => {
  const room = Math.max((to - from) * 0.1, SHORTEST);
  return { from: Math.max(whole.from, from - room), to: Math.min(whole.to, to + room) };
};

const within = ({ from, to }: Range, whole: Range): Range => {
  const length = to - from;
  const start = Math.max(whole.from, Math.min(from, whole.to - length));
  return { from: start, to: Math.min(start + length, whole.to) };
};

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** About `count` round points in time. */
export const ticks = ({ from, to }: Range, count: number): Tick[] => {
  const rough = (to - from) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const inSeconds = to >= 10_000 && (step >= 1000 || from >= 100_000);
  const unit = inSeconds ? 1000 : 1;
  const digits = Math.max(0, -Math.floor(Math.log10(step / unit) + 1e-9));
  const all: Tick[] = [];
  const last = Math.floor(to / step + 1e-9);
  for (let n = Math.ceil(from / step - 1e-9); n <= last; n++) {
    all.push({ at: n * step, label: `${((n * step) / unit).toFixed(digits)} ${inSeconds ? 's' : 'ms'}` });
  }
  return all;
};
