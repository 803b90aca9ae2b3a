import type { ContextCarrier } from '../carriers/index.js';
import { within } from './carrier-call-cases.js';
import { claim } from './claim.js';
import type { Check } from './contract.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What a carrier keeps alive, if the garbage collector is exposed as `collect`. @internal */
export const releaseCases = (
  collect: (() => void) | undefined,
): Readonly<Record<string, Check<ContextCarrier>>> => {
  // Workers with an early compatibility date lack `WeakRef`.
  if (collect === undefined || typeof WeakRef === 'undefined') return {};
  const isGone = async (value: WeakRef<object>): Promise<boolean> => {
    for (let turns = 0; turns < 10 && value.deref() !== undefined; turns++) {
      await turn();
      collect();
    }
    return value.deref() === undefined;
  };
  return {
    'a value is released when all that its run started has ended': async (carrier) => {
      const enter = async (): Promise<WeakRef<object>> => {
        const value = { large: Array.from({ length: 1000 }) };
        await within(carrier, value, async () => {
          await turn();
          await new Promise((resolve) => setTimeout(resolve));
        });
        return new WeakRef(value);
      };
      const value = await enter();
      claim(await isGone(value), true);
    },

    'an error that was thrown in a run keeps no value alive': async (carrier) => {
      const enter = (): [unknown, WeakRef<object>] => {
        const value = { large: Array.from({ length: 1000 }) };
        try {
          within(carrier, value, () => {
            throw new Error('kept');
          });
        } catch (error) {
          return [error, new WeakRef(value)];
        }
        return [undefined, new WeakRef(value)];
      };
      const [error, value] = enter();
      await turn();
      claim(await isGone(value), true);
      claim(error instanceof Error, true);
    },

    'a chain of runs, each started inside the previous one, keeps only the last values': async (carrier) => {
      let third: WeakRef<object> | undefined;
      let isThirdGone = false;
      await new Promise<void>((resolve, reject) => {
        const next = (link: number): void => {
          const value = { link };
          if (link === 3) third = new WeakRef(value);
          within(carrier, value, () => {
            setImmediate(() => {
              if (link < 200) return next(link + 1);
              // The chain has not ended.
              isGone(third!).then((gone) => {
                isThirdGone = gone;
                resolve();
              }, reject);
            });
          });
        };
        next(1);
      });
      claim(isThirdGone, true);
    },
  };
};
