import type { OperationReport, WorkReport } from 'deferqueue';
import type { Settled } from './subject.js';

export interface Told {
  /** Whether the order of failures and rows is told. */
  readonly ordered: boolean;
  /** Whether reports tell the outcome: that of an operation that is still open is not decided. */
  readonly outcome: boolean;
}

type WorkFailure = Error & { errors: unknown[]; value: unknown; report: OperationReport };

const inOrder = (lines: string[], told: Told): string => (told.ordered ? lines : lines.toSorted()).join(', ');

/** A value that a call gave, an error that it threw, or a reason, in words that are equal when they mean the same. */
export function describeValue(value: unknown, told: Told): string {
  if (value instanceof Error) return describeError(value, told);
  if (typeof value !== 'object' || value === null) return String(value);
  if ('outcome' in value && 'report' in value) {
    const { outcome, report } = value as Settled;
    return `${describeOutcome(outcome, told)} with ${describeReport(report, told)}`;
  }
  if ('registered' in value) return describeReport(value as OperationReport, told);
  return JSON.stringify(value);
}

function describeError(error: Error, told: Told): string {
  if (isWorkFailure(error))
    return `${describeFailures(error, told)}, value ${describeValue(error.value, told)}`;
  if ('code' in error && typeof error.code === 'string') return `${error.name} ${error.code}`;
  return error.name === 'Error' ? error.message : error.name;
}

export const isWorkFailure = (value: unknown): value is WorkFailure =>
  value instanceof Error && 'code' in value && value.code === 'ERR_DEFERQUEUE_DEFERRED_WORK';

export function describeFailures({ name, errors, report }: WorkFailure, told: Told): string {
  // In which order failures are told is not said.
  const failures = errors.map((each) => describeValue(each, told)).toSorted();
  return `${name} of [${failures.join(', ')}], ${describeReport(report, told)}`;
}

export function describeOutcome(outcome: PromiseSettledResult<unknown> | undefined, told: Told): string {
  if (outcome === undefined) return 'no outcome';
  return outcome.status === 'fulfilled'
    ? `fulfilled ${describeValue(outcome.value, told)}`
    : `rejected ${describeValue(outcome.reason, told)}`;
}

function describeReport(report: OperationReport, told: Told): string {
  const counts = Object.entries(report.counts)
    .filter(([, count]) => count !== 0)
    .map(([state, count]) => `${state} ${count}`)
    .toSorted();
  const rows = report.works?.map((row) => describeRow(row, told));
  const works = rows === undefined ? '' : ` {${inOrder(rows, told)}}`;
  const outcome = told.outcome ? report.outcome : 'so far';
  return `report ${report.name ?? '?'} ${outcome} ${report.registered}: ${counts.join(' ')}${works}`;
}

export function describeRow({ name, state, reason, task, key }: WorkReport, told: Told): string {
  const why = state === 'failed' ? ` ${describeValue(reason, told)}` : '';
  return `${name ?? '?'} ${state}${why} task ${task ?? '-'} key ${String(key)}`;
}
