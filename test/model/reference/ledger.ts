import type { EndState, OperationReport, WorkReport } from 'deferqueue';

/** G22: what became of every work of one operation. */
export class Ledger {
  registered = 0;
  readonly rows: WorkReport[] = [];

  /** A promoted work is registered and promoted in every operation that it passes. */
  pass(row: WorkReport): void {
    this.registered += 1;
    this.rows.push(row);
  }

  report(name: string | undefined, hasFulfilled: boolean, isFull: boolean): OperationReport {
    const count = (state: EndState): number => this.rows.filter((row) => row.state === state).length;
    const counts = {
      ran: count('ran'),
      failed: count('failed'),
      'timed-out': 0,
      skipped: count('skipped'),
      cancelled: count('cancelled'),
      replaced: count('replaced'),
      abandoned: 0,
      promoted: count('promoted'),
    };
    const outcome = hasFulfilled ? 'success' : 'failure';
    const base = { id: 0, name, outcome, registered: this.registered, counts } as const;
    return isFull ? { ...base, works: [...this.rows] } : base;
  }
}
