import { SingleBar } from 'cli-progress';

/** A bar on stderr, where that is a terminal, and nothing elsewhere. */
export class Progress {
  readonly #bar: SingleBar | undefined;
  #total = 0;

  constructor(title: string) {
    if (!process.stderr.isTTY) return;
    this.#bar = new SingleBar({
      format: `${title} {bar} {value} of {total}`,
      stream: process.stderr,
      clearOnComplete: true,
    });
  }

  /** So many steps more. */
  expect(steps: number): void {
    if (this.#total === 0) this.#bar?.start(steps, 0);
    this.#total += steps;
    this.#bar?.setTotal(this.#total);
  }

  step(): void {
    this.#bar?.increment();
  }

  end(): void {
    this.#bar?.stop();
  }
}
