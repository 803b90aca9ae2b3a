import { defer, settleOperation, use, withOperation, withTask } from 'deferqueue';
import { describe, expect, test } from 'vitest';
import { turn } from '../support/gate.js';

const values: [string, unknown][] = [
  ['null', null],
  ['undefined', undefined],
  ['a number', 0],
  ['a string', 'value'],
  ['a function', () => 'not called'],
  // oxlint-disable-next-line unicorn/no-thenable -- what the test is about
  ['an object whose then is no function', { then: 'later' }],
];

/** A function that is a thenable as well, as query builders are. */
const lazy = (promise: Promise<unknown>): unknown =>
  Object.assign(() => {}, {
    // oxlint-disable-next-line unicorn/no-thenable -- what the test is about
    then: (...listeners: [() => void, () => void]) => void promise.then(...listeners),
  });

describe('G6 boundary', () => {
  test.each(values)('functions may return %s, and it comes out as it is', async (_what, value) => {
    const { outcome, report } = await settleOperation({ report: 'full' }, async () => {
      expect(await withOperation(() => value)).toBe(value);
      expect(await withTask('task', () => value)).toBe(value);
      defer(() => value);
      defer(() => value, { on: 'failure', discard: () => value });
      defer(() => value, { discard: () => value }).cancel();
      use({ [Symbol.dispose]: () => value as void });
      return value;
    });
    expect(outcome).toEqual({ status: 'fulfilled', value });
    expect(report.works?.map(({ state }) => state)).toEqual(['cancelled', 'ran', 'skipped']);
  });
});

describe('G7 order', () => {
  test('what works, discards and disposers return is awaited before the next one, also where it is a function', async () => {
    const ran: string[] = [];
    const takeTurn = (what: string) => (): unknown => {
      ran.push(what);
      return lazy(turn().then(() => ran.push(`${what} settled`)));
    };
    await withOperation(() => {
      defer(takeTurn('work'));
      defer(() => {}, { on: 'failure', discard: takeTurn('discard') });
      use({ [Symbol.dispose]: () => void ran.push('last') });
      use({ [Symbol.dispose]: takeTurn('dispose') });
    });
    const inTurn = ['work', 'discard', 'dispose'].flatMap((what) => [what, `${what} settled`]);
    expect(ran).toEqual([...inTurn, 'last']);
  });
});
