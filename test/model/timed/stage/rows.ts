import type { WorkReport } from 'deferqueue';
import type { ModelWork } from '../contract/entities.js';
import type { Settlement } from '../contract/settlement.js';
import { isSame } from './same.js';

const ended: Settlement = { status: 'fulfilled', value: 'its report' };

/** A `Deferred` settles once its work has ended. Whether a discard is waited for is not said. */
export function workSettlement({ state, outcome }: ModelWork): Settlement | undefined {
  return state === 'queued' || (state === 'running' && outcome === undefined) ? undefined : ended;
}

export function differsInRow(seen: PromiseSettledResult<unknown>, work: ModelWork): string | undefined {
  if (seen.status === 'rejected') return 'should never reject';
  const { name, state, reason, task, key } = seen.value as WorkReport;
  if (name !== work.name || state !== work.state || key !== work.registration.key || task !== work.task?.name)
    return `tells ${name} ${state} ${String(key)} ${task}, not ${work.state} ${work.task?.name}`;
  if (state !== 'failed' && state !== 'timed-out' && state !== 'cancelled') return undefined;
  return isSame(reason, work.reason) ? undefined : `tells ${String(reason)}, not ${String(work.reason)}`;
}
