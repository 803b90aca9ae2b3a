import type { ShutdownReport, StuckOperation } from 'deferqueue';
import type { ModelOperation, Shutdown } from '../contract/entities.js';
import { isShutDown, shutDown } from '../contract/shutdown.js';
import type { Settlement } from '../contract/settlement.js';
import type { Statement } from '../program/timed-program.js';
import { differsInStuck } from './cuts.js';
import type { Scope } from './scope.js';
import type { Stage } from './stage.js';

export function performShutdown({ grace }: Statement & { kind: 'shutdown' }, { stage }: Scope): undefined {
  const { world, clock, runtime } = stage;
  const label = stage.label('shutdown ');
  stage.happens(label);
  const ms = grace === undefined ? Infinity : clock.duration(grace);
  const isFirst = world.shutdown === undefined;
  const model = shutDown(world, ms);
  const promise = runtime.shutdown(grace === undefined ? {} : { grace: ms });
  if (isFirst) stage.shutdown = promise;
  else if (promise !== stage.shutdown) world.complain(`${label} gives another promise`);
  const expected = (): Settlement | undefined =>
    isShutDown(world, model) ? { status: 'fulfilled', value: 'its report' } : undefined;
  stage.watch(label, promise, expected, (seen) => differsInReport(seen, model, stage));
}

function differsInReport(
  seen: PromiseSettledResult<unknown>,
  { ended, cut }: Shutdown,
  stage: Stage,
): string | undefined {
  if (seen.status === 'rejected') return 'should never reject';
  const report = seen.value as ShutdownReport;
  if (report.ended !== ended) return `tells of ${report.ended} that ended, not of ${ended}`;
  const stuck = cut.toSorted((a, b) => a.id - b.id);
  const names = report.stuck.map(({ name }) => name).join();
  if (names !== stuck.map(({ name }) => name).join())
    return `tells of ${names} stuck, not of ${stuck.map(({ name }) => name).join()}`;
  const differences = stuck.map((operation, index) => differsInOne(report.stuck[index]!, operation, stage));
  return differences.find((difference) => difference !== undefined);
}

function differsInOne(
  told: StuckOperation,
  { cut, name, settings }: ModelOperation,
  stage: Stage,
): string | undefined {
  if (cut === undefined) return `tells of ${name}`;
  const { id } = stage.operations.find(({ model }) => model.name === name)?.library ?? {};
  if (told.id !== id || told.state !== (cut.wasOpen ? 'open' : 'draining'))
    return `tells of ${name} as ${told.state}`;
  const abandoned = told.abandoned.map((work) => work.name).join();
  if (abandoned !== cut.abandoned.map((work) => work.name).join()) return `tells of ${abandoned} abandoned`;
  return differsInStuck(told.running, cut, settings);
}
