import fc from 'fast-check';
import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import { arbitraryTimedProgram } from '../model/timed/program/arbitrary-timed-program.js';
import { runProgram, type Incidents } from '../model/timed/stage/run-program.js';

const { env } = process;
const numRuns = Number(env['DEFERQUEUE_FUZZ_RUNS'] ?? 4000);
const seed = Number(env['DEFERQUEUE_FUZZ_SEED'] ?? 20090401);

// What Node prints of each warning would drown the report of a failure.
const printers = process.listeners('warning');
const incidents: Incidents = { warnings: [], rejections: [] };
const warn = (warning: Error): void => void incidents.warnings.push(warning);
const reject = (reason: unknown): void => void incidents.rejections.push(reason);

/** How many programs were given up, by what the contract leaves open in them. */
const undecided = new Map<string, number>();
let programs = 0;

beforeAll(() => {
  process.removeAllListeners('warning');
  process.on('warning', warn);
  process.on('unhandledRejection', reject);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
});

afterAll(() => {
  vi.useRealTimers();
  process.off('warning', warn);
  process.off('unhandledRejection', reject);
  for (const printer of printers) process.on('warning', printer);
  console.log(tellUndecided());
});

function tellUndecided(): string {
  const reasons = [...undecided].map(([reason, count]) => `\n  ${count}: ${reason}`).join('');
  const sum = [...undecided.values()].reduce((total, count) => total + count, 0);
  return `${sum} of ${programs} programs are not decided by the contract${reasons}`;
}

// Minutes only where the environment asks for many runs.
describe('interleavings', { timeout: 3_600_000 }, () => {
  it('of random programs are among those that the reference model allows', () =>
    fc.assert(
      fc.asyncProperty(arbitraryTimedProgram, fc.scheduler(), async (program, scheduler) => {
        const reasons = await runProgram(program, scheduler, incidents);
        programs += 1;
        const [reason] = reasons;
        if (reason !== undefined) undecided.set(reason, (undecided.get(reason) ?? 0) + 1);
      }),
      { numRuns, seed },
    ));
});
