import { fileURLToPath } from 'node:url';
import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { EndState, ObservedWork, Operation, WorkReport } from '../../index.js';

// No semantic convention covers these.
const OPERATION_ID = 'deferqueue.operation.id';
const OPERATION_NAME = 'deferqueue.operation.name';
const TASK_NAME = 'deferqueue.task.name';
const WORK_NAME = 'deferqueue.work.name';
const WORK_STATE = 'deferqueue.work.state';
const WORK_KEY = 'deferqueue.work.key';

/** `kind` and the name, if there is one. Names are constants in code, so span names stay few. @internal */
export const spanName = (kind: string, name: string | undefined): string =>
  name === undefined ? kind : `${kind} ${name}`;

// Called for every work item: fills one object, because spreading would copy it each time.
const put = (into: Attributes, name: string, value: AttributeValue | undefined): Attributes => {
  if (value !== undefined) into[name] = value;
  return into;
};

/** The attributes of an operation in metrics. Without the id, which would create a series each. @internal */
export const seriesAttributes = (operation: Operation, state?: EndState): Attributes =>
  put(put({}, OPERATION_NAME, operation.name), WORK_STATE, state);

/** The attributes of an operation in spans. @internal */
export const operationAttributes = ({ id, name }: Operation): Attributes =>
  put({ [OPERATION_ID]: id }, OPERATION_NAME, name);

/** The attributes of a work item that starts, with the stack of its registration. @internal */
export const workAttributes = (work: ObservedWork, trace: string | undefined): Attributes => {
  const attributes = operationAttributes(work.operation);
  put(put(attributes, TASK_NAME, work.task?.name), WORK_NAME, work.name);
  if (trace !== undefined) putCode(attributes, trace);
  return attributes;
};

/** The attributes that a work item has once it has ended. @internal */
export const endAttributes = ({ state, key }: WorkReport): Attributes =>
  put({ [WORK_STATE]: state }, WORK_KEY, keyValue(key));

/** The attributes of a work item that ended and never started. @internal */
export const discardAttributes = (report: WorkReport): Attributes =>
  put(put(endAttributes(report), TASK_NAME, report.task), WORK_NAME, report.name);

/** Only primitive keys mean something outside the process. */
const keyValue = (key: unknown): AttributeValue | undefined => {
  if (typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean') return key;
  return typeof key === 'bigint' ? String(key) : undefined;
};

/** `at name (file:line:column)`, or without the name and the parentheses. */
const FRAME = /^\s*at (?:(.+?) \()?(.+?):(\d+):(\d+)\)?$/;

const putCode = (into: Attributes, trace: string): void => {
  into['code.stacktrace'] = trace;
  const [, name, file, line, column] = FRAME.exec(trace.split('\n', 1)[0] ?? '') ?? [];
  put(into, 'code.function.name', name);
  if (file === undefined) return;
  into['code.file.path'] = file.startsWith('file:') ? fileURLToPath(file) : file;
  into['code.line.number'] = Number(line);
  into['code.column.number'] = Number(column);
};
