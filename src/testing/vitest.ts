import { captureOperation } from './capture-operation.js';
import { CapturedOperation } from './captured-operation.js';
import { invalidType } from '../api/invalid-argument.js';
import { assertNothingPending } from './nothing-pending.js';

/** What a matcher here uses of its `this`, which Vitest and Jest both provide. */
interface MatcherState {
  /** Compares like `toEqual`. */
  readonly equals: (one: unknown, other: unknown) => boolean;
  /** Formatting for messages. */
  readonly utils: {
    /** Formats a value as text. */
    readonly stringify: (value: unknown) => string;
  };
}

/** What a matcher returns. */
interface MatcherResult {
  /** Whether it matches. */
  readonly pass: boolean;
  /** Returns the message for a failed expectation. */
  readonly message: () => string;
}

/** The types of the matchers, to declare them on your own `expect`. */
export interface DeferMatchers<R = unknown> {
  /**
   * Passes if a work item with that name was deferred and, if `data` is given, with equal data.
   * `data` may contain asymmetric matchers.
   */
  toHaveDeferred: (name: string, data?: unknown) => R;
}

/**
 * Matchers for `expect.extend` of Vitest or Jest. `expect(captured).toHaveDeferred(name, data)` compares
 * like `toEqual`.
 *
 * @example
 * expect.extend(deferMatchers);
 * expect(captured).toHaveDeferred('receipt', { to: expect.any(String) });
 */
export const deferMatchers = {
  /** See `DeferMatchers`. */
  toHaveDeferred(
    this: MatcherState,
    received: unknown,
    ...[name, data]: readonly [name: string, data?: unknown]
  ): MatcherResult {
    if (!(received instanceof CapturedOperation)) {
      throw invalidType('expect(…)', 'given the result of captureOperation()', received);
    }
    const { works, nestedWorks } = received;
    const pass = received.hasDeferred(name, data, (actual, expected) => this.equals(actual, expected));
    const show = (value: unknown): string =>
      value === undefined ? '' : ` with ${this.utils.stringify(value)}`;
    return {
      pass,
      message: () => {
        const lines = works.map((work) => `\n  ${work.name ?? '(unnamed)'}${show(work.data)}`);
        const nested =
          nestedWorks === 0 ? '' : `\n(and ${nestedWorks} in nested operations, which are not captured)`;
        const not = pass ? ' not' : '';
        return `expected that ${name}${show(data)} was${not} deferred, and there is:${lines.join('') || ' nothing'}${nested}`;
      },
    };
  },
};

/** The fixtures that a test receives. */
export interface DeferFixtures {
  /** Like `captureOperation`. Discards the captured operations at the end of the test. */
  captureOperation: typeof captureOperation;
}

/** A fixture function for `test.extend` of Vitest. */
type Fixture<T> = (context: object, use: (value: T) => Promise<void>) => Promise<void>;

/** How many tests use the fixture now. Their operations are not leaks of another test. */
let tests = 0;

/**
 * Fixtures for `test.extend` of Vitest. `captureOperation` discards its captures at the end of the test.
 * The test then fails if any other operation is alive (see `assertNothingPending`). Of concurrent
 * tests, only the last one to end checks this.
 *
 * @example
 * const test = base.extend(deferFixtures);
 * test('sends a receipt', async ({ captureOperation }) => {
 *   const captured = await captureOperation(() => checkout(cart));
 * });
 */
export const deferFixtures: { [Name in keyof DeferFixtures]: Fixture<DeferFixtures[Name]> } = {
  // Vitest parses the parameter to find the fixtures that this one depends on.
  // oxlint-disable-next-line eslint/no-empty-pattern
  captureOperation: async ({}, use) => {
    const captures: CapturedOperation[] = [];
    tests++;
    try {
      await use(async (fn, options) => {
        const captured = await captureOperation(fn, options);
        captures.push(captured);
        return captured;
      });
    } finally {
      for (const captured of captures) await captured.discard();
      tests--;
    }
    if (tests === 0) assertNothingPending();
  },
};
