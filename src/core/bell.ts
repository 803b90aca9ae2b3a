/**
 * What somebody waits at until there is less to wait for, or more to do. One waits at a time.
 * @internal
 */
export class Bell {
  #answer: (() => void) | undefined;

  /**
   * Resolves when it is rung. One microtask later than it could: what somebody does as soon as a task or nested
   * operation has settled still comes first.
   */
  rung(): Promise<void> {
    const rung = new Promise<void>((resolve) => {
      this.#answer = resolve;
    });
    return rung.then(nothing);
  }

  ring(): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.();
  }
}

const nothing = (): void => {};
