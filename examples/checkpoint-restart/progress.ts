import { SingleBar } from 'cli-progress';

/** Tells how far a phase is, on stderr: a bar on a terminal, a few plain lines elsewhere. */
export class Progress {
  readonly #silent: boolean;
  #bar: SingleBar | undefined;
  #phase = '';
  #total: number | undefined;
  #entries = 0;
  #tasks = 0;
  #nextLine = 0;

  constructor(manner: 'telling' | 'silent' = 'telling') {
    this.#silent = manner === 'silent';
  }

  /** `total` is in the unit of what `entryDone` tells: bytes of the image, or entries. */
  start(phase: string, total: number | undefined): void {
    this.cancel();
    this.#phase = phase;
    this.#total = total;
    this.#entries = 0;
    this.#tasks = 0;
    this.#nextLine = total === undefined ? 1 : total / 4;
    if (this.#silent || !process.stderr.isTTY || total === undefined) return;
    this.#bar = new SingleBar({
      format: `${phase.padEnd(24)} {bar} {percentage}% | {entries} entries`,
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
    });
    this.#bar.start(total, 0, { entries: 0 });
  }

  entryDone(position: number): void {
    this.#entries++;
    if (this.#bar !== undefined) {
      this.#bar.update(position, { entries: this.#entries });
      return;
    }
    if (this.#total === undefined) {
      if (this.#entries < this.#nextLine) return;
      this.#nextLine *= 10;
      this.#line(`${this.#entries} entries`);
      return;
    }
    if (position < this.#nextLine || position >= this.#total) return;
    const quarters = Math.floor((position / this.#total) * 4);
    this.#nextLine = ((quarters + 1) * this.#total) / 4;
    this.#line(`${quarters * 25}%, ${this.#entries} entries`);
  }

  /** At the end of a task. */
  taskDone(): void {
    this.#tasks++;
  }

  /** Takes the bar away, or writes the last line. */
  end(): void {
    if (this.#phase === '') return;
    this.#bar?.stop();
    const of = this.#tasks === 0 ? '' : ` in ${this.#tasks} tasks`;
    this.#line(`${this.#entries} entries${of}`);
    this.#bar = undefined;
    this.#phase = '';
  }

  /** As `end`, but says nothing: something went wrong, and that is said elsewhere. */
  cancel(): void {
    this.#bar?.stop();
    this.#bar = undefined;
    this.#phase = '';
  }

  #line(text: string): void {
    if (!this.#silent) process.stderr.write(`${this.#phase}: ${text}\n`);
  }
}
