import { captureOperation } from './capture-operation.js';
import { CapturedOperation } from './captured-operation.js';
import { invalidType } from '../api/invalid-argument.js';
import { assertNothingPending } from './nothing-pending.js';

/** What `expect` offers a matcher, as far as it is used here: Vitest and Jest do. */
interface MatcherState {
  /** Compares as `toEqual` does. */
  readonly equals: (one: unknown, other: unknown) => boolean;
  /** What matchers print with. */
  readonly utils: {
    /** A value as a text. */
    readonly stringify: (value: unknown) => string;
  };
}

/** What a matcher returns. */
interface MatcherResult {
  /** Whether it matches. */
  readonly pass: boolean;
  /** What is printed where the test fails. */
  readonly message: () => string;
}

/** The matchers, as `expect(captured)` has them once they are added: for the types of your own `expect`. */
export interface DeferMatchers<R = unknown> {
  /** Whether a work of that name was deferred and, if `data` is given, with data that equals it; asymmetric matchers may be in it. */
  toHaveDeferred: (name: string, data?: unknown) => R;
}

/**
 * Matchers for `expect.extend`, of Vitest or Jest. `expect(captured).toHaveDeferred(name, data)` compares as `toEqual` does.
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
      throw invalidType('expect(…)', 'given what captureOperation() resolved with', received);
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

/** What the fixtures give to a test. */
export interface DeferFixtures {
  /** As `captureOperation`; what is left at the end of the test is discarded. */
  captureOperation: typeof captureOperation;
}

/** What `test.extend` of Vitest takes for one fixture. */
type Fixture<T> = (context: object, use: (value: T) => Promise<void>) => Promise<void>;

/** Tests that have the fixture now: what one of them has open is not what another one has forgotten. */
let tests = 0;

/**
 * Fixtures for `test.extend` of Vitest: `captureOperation`, whose captures are discarded at the end of the test, which then fails if any
 * other operation is alive (see `assertNothingPending`). Of tests that run beside each other, the last one to end looks.
 *
 * @example
 * const test = base.extend(deferFixtures);
 * test('sends a receipt', async ({ captureOperation }) => {
 *   const captured = await captureOperation(() => checkout(cart));
 * });
 */
export const deferFixtures: { [Name in keyof DeferFixtures]: Fixture<DeferFixtures[Name]> } = {
  // Vitest reads the parameter to know which other fixtures this one needs.
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
