// Runs a candidate over a workload, and checks what it has done.
import { randomFrom } from './statistics.mjs';
import { SPREAD } from './workloads.mjs';

/** Work items that count themselves and notice when they run out of order. */
class Ledger {
  ran = 0;
  inOrder = true;
  /** Items that wait: how many have not ended, and how many that were at most. */
  running = 0;
  most = 0;
  /** Whether items wait for a turn of the event loop instead of their time. */
  isWarmUp = false;

  /** @param {'fifo' | 'lifo'} order */
  constructor(order) {
    this.order = order;
  }

  plan({ depth, items, kind }) {
    const isLifo = this.order === 'lifo';
    // An operation runs all items of its plan before the next operation of that plan begins.
    let position = 0;
    const enter = (index) => {
      if (index !== (isLifo ? items - 1 - position : position)) this.inOrder = false;
      if (++position === items) position = 0;
      this.ran++;
    };
    const kinds = {
      sync: (index) => () => enter(index),
      async: (index) => async () => enter(index),
      io: (index) => () => {
        enter(index);
        this.most = Math.max(this.most, ++this.running);
        return new Promise((resolve) => {
          const end = () => {
            this.running--;
            resolve(undefined);
          };
          if (this.isWarmUp) setImmediate(end);
          else setTimeout(end, 1);
        });
      },
    };
    return { depth, count: items, work: kinds[kind] };
  }
}

/**
 * Makes a function that runs so many operations, or groups of operations, in a row, and returns how many operations it has run.
 * It throws unless each work item has run, in the candidate's order, and has ended when its operation settles. In a warm-up items of
 * 1 ms do not take their time: otherwise it would be over after five operations.
 */
export const batchOf = async (candidate, library, { depth, items, kind, atOnce, concurrency }) => {
  const operation = await candidate.load({ library, concurrency });
  const ledger = new Ledger(candidate.order);
  const least = atOnce === 1 ? 1 : Math.round(atOnce * (1 - SPREAD));
  const most = 2 * atOnce - least;
  const random = randomFrom(1);
  const plans = Array.from({ length: most }, () => ledger.plan({ depth, items, kind }));
  const [plan] = plans;
  return async (times, isWarmUp = false) => {
    ledger.ran = 0;
    ledger.isWarmUp = isWarmUp;
    let operations = 0;
    if (atOnce === 1) {
      for (; operations < times; operations++) await operation(plan);
    } else {
      for (let index = 0; index < times; index++) {
        const group = plans.slice(0, least + Math.floor(random() * (most - least + 1)));
        operations += group.length;
        await Promise.all(group.map((each) => operation(each)));
      }
    }
    const check = (isRight, message) => {
      if (!isRight) throw new Error(`${candidate.title}: ${message}`);
    };
    const expected = operations * items;
    check(ledger.ran === expected, `${ledger.ran} items ran instead of ${expected}`);
    check(ledger.inOrder, `the items did not run ${candidate.order}`);
    check(ledger.running === 0, `${ledger.running} items had not ended when the operation settled`);
    const limit = Math.min(concurrency, items);
    check(kind !== 'io' || ledger.most === limit, `${ledger.most} items ran at once instead of ${limit}`);
    return operations;
  };
};
