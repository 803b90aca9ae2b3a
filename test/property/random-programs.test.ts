import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arbitraryProgram } from '../model/program/arbitrary-program.js';
import { arbitraryPromotions } from '../model/program/arbitrary-promotions.js';
import { arbitraryTogether } from '../model/program/arbitrary-together.js';
import { observe, predict } from '../model/program/observe.js';
import type { Program } from '../model/program/program.js';

const { env } = process;
const numRuns = Number(env['DEFERQUEUE_FUZZ_RUNS'] ?? 2000);
const seed = Number(env['DEFERQUEUE_FUZZ_SEED'] ?? 20090401);

// What Node prints of each warning would drown the report of a failure.
const printers = process.listeners('warning');
beforeAll(() => void process.removeAllListeners('warning'));
afterAll(() => {
  for (const printer of printers) process.on('warning', printer);
});

const runs = (share: number): { numRuns: number; seed: number } => ({
  numRuns: Math.ceil(numRuns * share),
  seed,
});

const agree = (programs: fc.Arbitrary<Program>, ordered = true): fc.IAsyncProperty<[Program]> =>
  fc.asyncProperty(programs, async (program) => {
    const { expected, undecided } = predict(program, ordered);
    fc.pre(undecided.size === 0);
    expect(await observe(program, ordered)).toEqual(expected);
  });

// Minutes only where the environment asks for many runs.
describe('random programs', { timeout: 3_600_000 }, () => {
  it('do with the library what the reference model of the contract does', () =>
    fc.assert(agree(arbitraryProgram), runs(0.6)));

  it('hand works to the root in the order and under the conditions of G18', () =>
    fc.assert(agree(arbitraryPromotions), runs(0.25)));

  it('keep the order of G7 when tasks and operations are started together', () =>
    fc.assert(agree(arbitraryTogether, false), runs(0.15)));
});
