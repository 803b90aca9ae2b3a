import assert from 'node:assert/strict';
import type { ContextCarrier } from '../carriers/index.js';
import type { Check } from './contract.js';

type Checks = Readonly<Record<string, Check<ContextCarrier>>>;

/** What runs `fn` with a value, where its two arguments do not matter. @internal */
export const within = <R>(carrier: ContextCarrier, value: unknown, fn: () => R): R =>
  carrier.run(value, () => fn(), undefined, undefined);

const thrownBy = (fn: () => unknown): unknown => {
  try {
    fn();
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: 'Nothing was thrown' });
};

/** How a carrier calls. @internal */
export const callCases = (create: () => ContextCarrier): Checks => ({
  'outside of every run there is no value': (carrier) => {
    assert.equal(carrier.get(), undefined);
  },

  'run calls the function at once and once, with both arguments, and returns what it returns': (carrier) => {
    const calls: unknown[] = [];
    const result = {};
    const returned = carrier.run(
      'value',
      (...args) => {
        calls.push(args);
        return result;
      },
      1,
      'two',
    );
    assert.deepEqual(calls, [[1, 'two']]);
    assert.equal(returned, result);
  },

  'any value is carried as it is': (carrier) => {
    for (const value of [
      {},
      [],
      () => {},
      'text',
      '',
      0,
      Number.NaN,
      false,
      null,
      undefined,
      Symbol('any'),
    ]) {
      assert.ok(
        Object.is(
          value,
          within(carrier, value, () => carrier.get()),
        ),
      );
    }
    const outer = { value: 'outer' };
    assert.equal(
      within(carrier, outer, () => within(carrier, undefined, () => carrier.get())),
      undefined,
    );
  },

  'the innermost run counts, and after it the one around it': (carrier) => {
    const seen: unknown[] = [];
    within(carrier, 'outer', () => {
      within(carrier, 'inner', () => seen.push(carrier.get()));
      seen.push(carrier.get());
      within(carrier, 'next', () => seen.push(carrier.get()));
    });
    assert.deepEqual(seen, ['inner', 'outer', 'next']);
    assert.equal(carrier.get(), undefined);
  },

  'what is thrown comes through as it is, and the value of the caller is back': (carrier) => {
    const error = new Error('as it is');
    const before = Reflect.ownKeys(error);
    for (const thrown of [error, Object.freeze(new Error('frozen')), 'text', 0, null, undefined]) {
      within(carrier, 'outer', () => {
        const fail = (): never => {
          // oxlint-disable-next-line typescript/only-throw-error -- whatever is thrown
          throw thrown;
        };
        assert.ok(
          Object.is(
            thrown,
            thrownBy(() => within(carrier, 'inner', fail)),
          ),
        );
        assert.equal(carrier.get(), 'outer');
      });
    }
    assert.deepEqual(Reflect.ownKeys(error), before);
  },

  'carriers do not see one another': (carrier) => {
    const other = create();
    within(carrier, 'own', () => {
      assert.equal(other.get(), undefined);
      within(other, 'of the other', () => {
        assert.equal(carrier.get(), 'own');
        assert.equal(other.get(), 'of the other');
        within(carrier, 'inner', () => assert.equal(other.get(), 'of the other'));
      });
      assert.equal(other.get(), undefined);
    });
  },
});
