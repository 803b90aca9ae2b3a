import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WorkQueue } from '../../src/core/work-queue.js';
import type { QueueScope } from '../../src/core/work-queue.js';
import { WorkDetails, WorkEntry } from '../../src/core/work.js';

const newQueue = (lifo: boolean): { queue: WorkQueue; account: { pending: number } } => {
  const account = { pending: 0 };
  const scope = { operation: undefined, task: undefined } as unknown as QueueScope;
  return { queue: new WorkQueue(scope, account, 'own', lifo), account };
};

const newWork = (queue: WorkQueue, on: 'always' | 'success', key?: number): WorkEntry => {
  const details = new WorkDetails();
  details.on = on;
  details.key = key;
  return new WorkEntry(queue, () => {}, undefined as never, on === 'always' && !key ? undefined : details);
};

type Step =
  | { do: 'push'; on: 'always' | 'success'; key: number | undefined; times: number }
  | { do: 'take' | 'takeAlways'; times: number }
  | { do: 'remove'; at: number };

const steps = (longest: number): fc.Arbitrary<Step[]> => {
  const times = fc.integer({ min: 1, max: longest });
  return fc.array(
    fc.oneof(
      fc.record({
        do: fc.constant('push' as const),
        on: fc.constantFrom('always' as const, 'success' as const, 'success' as const),
        key: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined, freq: 5 }),
        times,
      }),
      fc.record({
        do: fc.constantFrom('take' as const, 'takeAlways' as const, 'takeAlways' as const),
        times,
      }),
      fc.record({
        do: fc.constant('remove' as const),
        at: fc.oneof(fc.constant(-1), fc.constant(0), fc.nat()),
      }),
    ),
    { maxLength: 40 },
  );
};

/** As a flush does. */
const takeAlways = (queue: WorkQueue): WorkEntry | undefined => {
  const work = queue.peekAlways();
  if (work !== undefined) queue.remove(work);
  return work;
};

describe('the queue of works', () => {
  test.each([
    { lifo: false, longest: 2, numRuns: 3000 },
    { lifo: true, longest: 2, numRuns: 3000 },
    { lifo: false, longest: 900, numRuns: 100 },
    { lifo: true, longest: 900, numRuns: 30 },
  ])(
    'gives what a plain list gives (lifo: $lifo), up to $longest at a time',
    ({ lifo, longest, numRuns }) => {
      fc.assert(
        fc.property(steps(longest), (program) => {
          const { queue, account } = newQueue(lifo);
          const list: WorkEntry[] = [];
          const drop = (work: WorkEntry | undefined): void => {
            if (work !== undefined) list.splice(list.indexOf(work), 1);
          };
          const candidates = (): WorkEntry[] => (lifo ? list.toReversed() : list);
          for (const each of program) {
            if (each.do === 'push') {
              for (let index = 0; index < each.times; index++) {
                const work = newWork(queue, each.on, each.key);
                const twin = queue.twinOf(work);
                const expected = list.filter(
                  (other) =>
                    each.key !== undefined && other.details?.key === each.key && other.details.on === each.on,
                );
                expect(twin).toBe(expected.at(-1));
                if (twin !== undefined) {
                  queue.remove(twin);
                  twin.state = 'replaced';
                  drop(twin);
                }
                queue.push(work);
                list.push(work);
              }
            } else if (each.do === 'remove') {
              const work = list.at(each.at === -1 ? -1 : each.at % (list.length || 1));
              if (work === undefined) continue;
              queue.remove(work);
              work.state = 'cancelled';
              drop(work);
            } else {
              for (let index = 0; index < each.times; index++) {
                const expected =
                  each.do === 'takeAlways'
                    ? candidates().find((work) => (work.details?.on ?? 'always') === 'always')
                    : candidates()[0];
                const work = each.do === 'take' ? queue.take() : takeAlways(queue);
                expect(work).toBe(expected);
                if (work === undefined) break;
                if (each.do !== 'takeAlways') expect(work.next).toBeUndefined();
                work.state = 'running';
                drop(work);
              }
            }
            expect(queue.size).toBe(list.length);
            expect(account.pending).toBe(list.length);
          }
        }),
        { numRuns },
      );
    },
  );

  test('a scan that skipped conditional works finds later ones after its first ones were taken', () => {
    const { queue } = newQueue(false);
    for (let index = 0; index < 1500; index++) queue.push(newWork(queue, 'success'));
    expect(takeAlways(queue)).toBeUndefined();
    for (let index = 0; index < 1100; index++) queue.take();
    const work = newWork(queue, 'always');
    queue.push(work);
    expect(takeAlways(queue)).toBe(work);
  });

  test.each([false, true])('works that leave keep none of those that are left (lifo: %s)', (lifo) => {
    const { queue } = newQueue(lifo);
    const works = Array.from({ length: 100 }, () => newWork(queue, 'always'));
    for (const work of works) queue.push(work);
    for (const work of works) {
      queue.remove(work);
      work.state = 'cancelled';
    }
    expect(works.filter(({ next }) => next !== undefined)).toEqual([]);

    const later = newWork(queue, 'always');
    queue.push(later);
    expect(queue.take()).toBe(later);
    expect(queue.take()).toBeUndefined();
  });

  test('half of a long queue, removed from its middle, is let go of', () => {
    const { queue } = newQueue(false);
    const works = Array.from({ length: 101 }, () => newWork(queue, 'always'));
    for (const work of works) queue.push(work);
    for (const work of works.slice(1, 52)) {
      queue.remove(work);
      work.state = 'cancelled';
    }
    expect(works[0]!.next).toBe(works[52]);
    expect(works.slice(1, 52).filter(({ next }) => next !== undefined)).toEqual([]);
  });

  test('two works with one key, left by a merge that threw, are twins of a third one after the other', () => {
    const { queue } = newQueue(true);
    const [first, second, third] = [1, 1, 1].map(() => newWork(queue, 'always', 1));
    queue.push(first!);
    queue.push(second!);
    expect(queue.twinOf(third!)).toBe(second);
    expect(queue.take()).toBe(second);
    expect(queue.twinOf(third!)).toBe(first);
    queue.remove(first!);
    expect(queue.twinOf(third!)).toBeUndefined();
  });
});
