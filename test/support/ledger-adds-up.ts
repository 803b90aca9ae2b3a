import { subscribe } from 'node:diagnostics_channel';
import type { ChannelMessages } from 'deferqueue';
import { afterEach } from 'vitest';

// Checks G19 and G22 in every test of the suite. An item ends once, in one state. When an operation is
// sealed, its counts add up to the registered items, and nothing is queued.
const wrong: string[] = [];

subscribe('deferqueue:operation:close', (message) => {
  const { operation, report } = message as ChannelMessages['deferqueue:operation:close'];
  const { name, id, pending } = operation;
  const ended = Object.values(report.counts).reduce((sum, count) => sum + count, 0);
  if (ended !== report.registered) wrong.push(`${name} #${id}: ${ended} ended of ${report.registered}`);
  if (pending !== 0) wrong.push(`${name} #${id}: ${pending} still pending`);
});

const ended = new WeakMap<object, string>();
subscribe('deferqueue:work:end', (message) => {
  const { work, report } = message as ChannelMessages['deferqueue:work:end'];
  const before = ended.get(work);
  if (before !== undefined) wrong.push(`${work.name} ended again, as ${report.state}, after ${before}`);
  ended.set(work, report.state);
});

afterEach(() => {
  const found = wrong.splice(0);
  if (found.length > 0) throw new Error(`The ledger does not add up: ${found.join('; ')}`);
});
