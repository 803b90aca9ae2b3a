import { fileURLToPath } from 'node:url';
import type { Attributes } from '@opentelemetry/api';
import type { ObservedWork, Operation } from '../index.js';

/** Attributes that no semantic convention has. @internal */
export const OPERATION_ID = 'deferqueue.operation.id';
/** @internal */
export const OPERATION_NAME = 'deferqueue.operation.name';
/** @internal */
export const TASK_NAME = 'deferqueue.task.name';
/** @internal */
export const WORK_NAME = 'deferqueue.work.name';
/** @internal */
export const WORK_STATE = 'deferqueue.work.state';
/** @internal */
export const WORK_KEY = 'deferqueue.work.key';

/** `kind` and the name, if there is one: names are given in code, so that there are few of them. @internal */
export const spanName = (kind: string, name: string | undefined): string =>
  name === undefined ? kind : `${kind} ${name}`;

/** What only has to be told where there is something to tell. */
const given = (key: string, value: string | number | undefined): Attributes =>
  value === undefined ? {} : { [key]: value };

/** Of an operation in metrics, where an id would be a series of its own. @internal */
export const seriesAttributes = ({ name }: Operation): Attributes => given(OPERATION_NAME, name);

/** @internal */
export const operationAttributes = (operation: Operation): Attributes => ({
  [OPERATION_ID]: operation.id,
  ...seriesAttributes(operation),
});

/** @internal */
export const workAttributes = (work: ObservedWork): Attributes => ({
  ...operationAttributes(work.operation),
  ...given(TASK_NAME, work.task?.name),
  ...given(WORK_NAME, work.name),
});

/** A key of any type names a work. What is no primitive means something in the process alone. @internal */
export const keyAttribute = (key: unknown): Attributes => {
  if (typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean') {
    return { [WORK_KEY]: key };
  }
  return typeof key === 'bigint' ? { [WORK_KEY]: String(key) } : {};
};

/** `at name (place:line:column)`, or without the name and the parentheses. */
const FRAME = /^\s*at (?:(.+?) \()?(.+?):(\d+):(\d+)\)?$/;

/** Where a work was registered, by the stack of that call. @internal */
export const codeAttributes = (trace: string | undefined): Attributes => {
  if (trace === undefined) return {};
  const [, name, place, line, column] = FRAME.exec(trace.split('\n', 1)[0] ?? '') ?? [];
  return {
    'code.stacktrace': trace,
    ...given('code.function.name', name),
    ...(place !== undefined && {
      'code.file.path': place.startsWith('file:') ? fileURLToPath(place) : place,
      'code.line.number': Number(line),
      'code.column.number': Number(column),
    }),
  };
};
