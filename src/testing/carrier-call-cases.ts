import type { ContextCarrier } from '../carriers/index.js';
import { claim, thrownBy } from './claim.js';
import type { Check } from './contract.js';

type Checks = Readonly<Record<string, Check<ContextCarrier>>>;

/** Runs `fn` with a value and without arguments. @internal */
export const within = <R>(carrier: ContextCarrier, value: unknown, fn: () => R): R =>
  carrier.run(value, () => fn(), undefined, undefined);

/** How a carrier calls functions. @internal */
export const callCases = (create: () => ContextCarrier): Checks => ({
  'outside every run there is no value': (carrier) => {
    claim(carrier.get(), undefined);
  },

  'run calls the function at once and once, with both arguments, and returns its result': (carrier) => {
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
    claim(calls, [[1, 'two']]);
    claim(returned === result, true);
  },

  'any value is carried unchanged': (carrier) => {
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
      claim(
        Object.is(
          value,
          within(carrier, value, () => carrier.get()),
        ),
        true,
      );
    }
    const outer = { value: 'outer' };
    claim(
      within(carrier, outer, () => within(carrier, undefined, () => carrier.get())),
      undefined,
    );
  },

  'the value of the innermost run is current, and after it that of the enclosing run': (carrier) => {
    const seen: unknown[] = [];
    within(carrier, 'outer', () => {
      within(carrier, 'inner', () => seen.push(carrier.get()));
      seen.push(carrier.get());
      within(carrier, 'next', () => seen.push(carrier.get()));
    });
    claim(seen, ['inner', 'outer', 'next']);
    claim(carrier.get(), undefined);
  },

  'an error is thrown unchanged, and the value of the caller is current again': (carrier) => {
    const error = new Error('unchanged');
    const before = Reflect.ownKeys(error);
    for (const thrown of [error, Object.freeze(new Error('frozen')), 'text', 0, null, undefined]) {
      within(carrier, 'outer', () => {
        const fail = (): never => {
          // oxlint-disable-next-line typescript/only-throw-error -- any value can be thrown
          throw thrown;
        };
        claim(
          Object.is(
            thrown,
            thrownBy(() => within(carrier, 'inner', fail)),
          ),
          true,
        );
        claim(carrier.get(), 'outer');
      });
    }
    claim(Reflect.ownKeys(error), before);
  },

  'carriers do not see the values of one another': (carrier) => {
    const other = create();
    within(carrier, 'own', () => {
      claim(other.get(), undefined);
      within(other, 'other', () => {
        claim(carrier.get(), 'own');
        claim(other.get(), 'other');
        within(carrier, 'inner', () => claim(other.get(), 'other'));
      });
      claim(other.get(), undefined);
    });
  },
});
