import { afterEach } from 'vitest';
import { OperationCore } from '../../src/core/operation.js';
import { WorkEntry } from '../../src/core/work.js';

// Every test of the suite is held to G19 and G22 here: a work ends once, in one state, and when an operation
// is sealed, its counts add up to what was registered and nothing is queued.
const wrong: string[] = [];

// oxlint-disable-next-line typescript/unbound-method -- it is called with the operation below
const { seal } = OperationCore.prototype;
OperationCore.prototype.seal = function (this: OperationCore): void {
  seal.call(this);
  const { registered, counts } = this.report();
  const ended = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (ended !== registered) wrong.push(`${this.name} #${this.id}: ${ended} ended of ${registered}`);
  if (this.pending !== 0) wrong.push(`${this.name} #${this.id}: ${this.pending} still pending`);
};

// oxlint-disable-next-line typescript/unbound-method -- it is called with the operation below
const { endPlain } = OperationCore.prototype;
OperationCore.prototype.endPlain = function (this: OperationCore): unknown {
  if (this.pending !== 0) wrong.push(`${this.name} #${this.id}: ${this.pending} still pending`);
  return endPlain.call(this);
};

const ended = new WeakSet<WorkEntry>();
// oxlint-disable-next-line typescript/unbound-method -- it is called with the work below
const { end } = WorkEntry.prototype;
WorkEntry.prototype.end = function (this: WorkEntry, state): void {
  if (ended.has(this)) wrong.push(`work ${this.label} ended again, as ${state}, after ${this.state}`);
  ended.add(this);
  end.call(this, state);
};

afterEach(() => {
  const found = wrong.splice(0);
  if (found.length > 0) throw new Error(`The ledger does not add up: ${found.join('; ')}`);
});
