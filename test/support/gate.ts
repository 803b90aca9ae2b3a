/** A promise that the test settles, so that tests wait for events and never for time. */
export interface Gate<T = void> {
  readonly passed: Promise<T>;
  open(value: T): void;
  fail(reason: unknown): void;
}

export const gate = <T = void>(): Gate<T> => {
  let open!: (value: T) => void;
  let fail!: (reason: unknown) => void;
  const passed = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { passed, open, fail };
};

/** Waits until all queued microtasks have run, without timers. */
export const settleMicrotasks = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
};

/** Waits for one turn of the event loop. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
