import { fileURLToPath } from 'node:url';
import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { EndState, ObservedWork, Operation, WorkReport } from '../../index.js';

// What no semantic convention has a name for.
const OPERATION_ID = 'deferqueue.operation.id';
const OPERATION_NAME = 'deferqueue.operation.name';
const TASK_NAME = 'deferqueue.task.name';
const WORK_NAME = 'deferqueue.work.name';
const WORK_STATE = 'deferqueue.work.state';
const WORK_KEY = 'deferqueue.work.key';

/** `kind` and the name, if there is one: names are given in code, so that there are few of them. @internal */
export const spanName = (kind: string, name: string | undefined): string =>
  name === undefined ? kind : `${kind} ${name}`;

// Attributes are made for every work, so that they are put into one object and not spread into others.
const put = (into: Attributes, name: string, value: AttributeValue | undefined): Attributes => {
  if (value !== undefined) into[name] = value;
  return into;
};

/** Of an operation in metrics, where an id would be a series of its own. @internal */
export const seriesAttributes = (operation: Operation, state?: EndState): Attributes =>
  put(put({}, OPERATION_NAME, operation.name), WORK_STATE, state);

/** @internal */
export const operationAttributes = ({ id, name }: Operation): Attributes =>
  put({ [OPERATION_ID]: id }, OPERATION_NAME, name);

/** Of a work that starts, with the stack of who registered it. @internal */
export const workAttributes = (work: ObservedWork, trace: string | undefined): Attributes => {
  const attributes = operationAttributes(work.operation);
  put(put(attributes, TASK_NAME, work.task?.name), WORK_NAME, work.name);
  if (trace !== undefined) putCode(attributes, trace);
  return attributes;
};

/** What is known of a work once it has ended. @internal */
export const endAttributes = ({ state, key }: WorkReport): Attributes =>
  put({ [WORK_STATE]: state }, WORK_KEY, keyValue(key));

/** Of a work that has ended and never started. @internal */
export const discardAttributes = (report: WorkReport): Attributes =>
  put(put(endAttributes(report), TASK_NAME, report.task), WORK_NAME, report.name);

/** A key that is no primitive means something in the process alone. */
const keyValue = (key: unknown): AttributeValue | undefined => {
  if (typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean') return key;
  return typeof key === 'bigint' ? String(key) : undefined;
};

/** `at name (place:line:column)`, or without the name and the parentheses. */
const FRAME = /^\s*at (?:(.+?) \()?(.+?):(\d+):(\d+)\)?$/;

const putCode = (into: Attributes, trace: string): void => {
  into['code.stacktrace'] = trace;
  const [, name, place, line, column] = FRAME.exec(trace.split('\n', 1)[0] ?? '') ?? [];
  put(into, 'code.function.name', name);
  if (place === undefined) return;
  into['code.file.path'] = place.startsWith('file:') ? fileURLToPath(place) : place;
  into['code.line.number'] = Number(line);
  into['code.column.number'] = Number(column);
};
