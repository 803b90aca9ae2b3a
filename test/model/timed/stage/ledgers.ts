import type { OperationReport, WorkReport } from 'deferqueue';
import type { EndState, ModelOperation, ModelWork } from '../contract/entities.js';

/** One row of a ledger in words. In which order works of different drains end is not said, so rows are sorted. */
const rowOf = (work: ModelWork, state: EndState): string =>
  `${work.name} ${state} ${work.registration.key} ${state === 'promoted' ? '' : (work.task?.name ?? '')}`;

const tellRow = ({ name, state, key, task }: WorkReport): string =>
  `${name} ${state} ${String(key)} ${state === 'promoted' ? '' : (task ?? '')}`;

/** G22: what is wrong with a report. */
export function differsFromLedger(report: OperationReport, operation: ModelOperation): string | undefined {
  const { rows, registered, outcome, settings } = operation;
  const ends = Object.entries(report.counts).filter(
    ([state, count]) => rows.filter((row) => row.state === state).length !== count,
  );
  if (ends.length > 0)
    return `has a report that counts ${ends.map(([state, count]) => `${count} ${state}`).join()}`;
  if (report.registered !== registered)
    return `has a report with ${report.registered} registered, not ${registered}`;
  if (report.name !== operation.name) return `has the report of ${report.name}`;
  if (report.outcome !== (outcome?.status === 'rejected' ? 'failure' : 'success'))
    return `is reported as a ${report.outcome}`;
  if (report.works === undefined) return settings.full ? 'has a report without rows' : undefined;
  const expected = rows.map(({ work, state }) => rowOf(work, state)).toSorted();
  const told = report.works.map(tellRow).toSorted();
  return expected.join() === told.join() ? undefined : `has the rows ${told.join()}, not ${expected.join()}`;
}
