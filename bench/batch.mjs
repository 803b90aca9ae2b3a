// Runs a candidate over a workload, and holds what it has done to what it should have.
import { randomFrom } from './arithmetic.mjs';
import { SPREAD } from './workloads.mjs';

/** Works that count themselves, and notice when they are not run in order. */
class Ledger {
  ran = 0;
  inOrder = true;
  /** Of those that take time: how many have not ended, and how many that were at most. */
  running = 0;
  most = 0;
  /** Whether they take a turn of the event loop in place of their time. */
  isQuick = false;

  /** @param {'fifo' | 'lifo'} order */
  constructor(order) {
    this.order = order;
  }

  plan({ depth, works, kind }) {
    const isLifo = this.order === 'lifo';
    // Each operation of a plan runs all works before the next one of that plan begins.
    let place = 0;
    const enter = (index) => {
      if (index !== (isLifo ? works - 1 - place : place)) this.inOrder = false;
      if (++place === works) place = 0;
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
          if (this.isQuick) setImmediate(end);
          else setTimeout(end, 1);
        });
      },
    };
    return { depth, count: works, work: kinds[kind] };
  }
}

/**
 * Makes a function that runs so many operations, or groups of operations, in a row. It throws unless each of their works has run, in
 * the order that the candidate says it has, and has ended when its operation settles. Where works take time, they need not while
 * the machine code is made: five operations of w7 would be all of a warm-up. The function returns how many operations it has run: groups
 * vary in size, always in the same way.
 */
export const batchOf = async (candidate, library, { depth, works, kind, atOnce, concurrency }) => {
  const operation = await candidate.load({ library, concurrency });
  const ledger = new Ledger(candidate.order);
  const least = atOnce === 1 ? 1 : Math.round(atOnce * (1 - SPREAD));
  const most = 2 * atOnce - least;
  const random = randomFrom(1);
  const plans = Array.from({ length: most }, () => ledger.plan({ depth, works, kind }));
  const [plan] = plans;
  return async (times, isQuick = false) => {
    ledger.ran = 0;
    ledger.isQuick = isQuick;
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
    const refuse = (what) => {
      throw new Error(`${candidate.title}: ${what}`);
    };
    const wanted = operations * works;
    if (ledger.ran !== wanted) refuse(`${ledger.ran} works ran, and not ${wanted}`);
    if (!ledger.inOrder) refuse(`the works were not run ${candidate.order}`);
    if (ledger.running > 0) refuse(`${ledger.running} works had not ended when the operation settled`);
    if (kind === 'io' && ledger.most !== Math.min(concurrency, works))
      refuse(`${ledger.most} works ran at once, and not ${concurrency}`);
    return operations;
  };
};
