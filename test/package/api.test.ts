import { readFileSync } from 'node:fs';
import type * as Api from 'deferqueue';
import type { ErrorCode, OperationReport } from 'deferqueue';
import { beforeAll, describe, expect, test } from 'vitest';
import { requireBuild, root } from './built.js';

requireBuild();
const api = (await import(`${root}dist/index.js`)) as typeof Api;
const page = readFileSync(`${root}docs/errors.md`, 'utf8');

const FUNCTIONS = [
  'configure',
  'createRuntime',
  'currentOperation',
  'currentTask',
  'defer',
  'flush',
  'intercept',
  'openOperation',
  'settleOperation',
  'runOutside',
  'shutdown',
  'use',
  'withOperation',
  'withTask',
];

const report: OperationReport = await api.settleOperation('any', () => {}).then((settled) => settled.report);

const caught = async (fn: () => unknown): Promise<unknown> => {
  try {
    await fn();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown');
};

const copy = (contract: number): Api.PackageCopy => ({
  version: `${contract}.0.0`,
  contract,
  url: `file:///${contract}.js`,
});

/** One error of each class, where this version throws it as a user would get it. */
const ERRORS: Readonly<Record<string, () => unknown>> = {
  NoOperationError: () => caught(() => api.defer(() => {})),
  NoTaskError: () => caught(() => api.withOperation(() => api.defer(() => {}, { until: 'task' }))),
  OperationClosedError: async () => {
    const operation = await api.withOperation((it) => it);
    return caught(() => operation.defer(() => {}));
  },
  DeferChainError: () => {
    let thrown: Promise<unknown> | undefined;
    return api
      .withOperation({ maxChain: 1 }, () => {
        api.defer(() => {
          thrown = caught(() => api.defer(() => {}));
        });
      })
      .then(() => thrown);
  },
  QueueFullError: () => caught(() => api.withOperation({ maxPending: 0 }, () => void api.defer(() => {}))),
  DrainInProgressError: () =>
    caught(() => api.withOperation(() => void api.defer(() => api.flush()))).then(
      (error) => (error as AggregateError).errors[0] as unknown,
    ),
  DeferredWorkError: () =>
    caught(() =>
      api.withOperation(() => {
        api.defer(() => Promise.reject(new Error('no')));
      }),
    ),
  WorkTimeoutError: () => new api.WorkTimeoutError('"mail"', report, 1000),
  DrainTimeoutError: () => new api.DrainTimeoutError(1000, [{ name: 'mail' }], [], undefined, report),
  DrainAbortedError: () => new api.DrainAbortedError('stop', [{ name: 'mail' }], [], undefined, report),
  ShuttingDownError: () => new api.ShuttingDownError(),
  ContractMismatchError: () => new api.ContractMismatchError(copy(1), copy(2)),
};

/** The compiler holds this list equal to the codes that exist. */
const CODES = Object.keys({
  ERR_DEFERQUEUE_INVALID_ARGUMENT: true,
  ERR_DEFERQUEUE_NO_OPERATION: true,
  ERR_DEFERQUEUE_NO_TASK: true,
  ERR_DEFERQUEUE_OPERATION_CLOSED: true,
  ERR_DEFERQUEUE_DEFER_CHAIN: true,
  ERR_DEFERQUEUE_QUEUE_FULL: true,
  ERR_DEFERQUEUE_DRAIN_IN_PROGRESS: true,
  ERR_DEFERQUEUE_DEFERRED_WORK: true,
  ERR_DEFERQUEUE_WORK_TIMEOUT: true,
  ERR_DEFERQUEUE_DRAIN_TIMEOUT: true,
  ERR_DEFERQUEUE_DRAIN_ABORTED: true,
  ERR_DEFERQUEUE_SHUTTING_DOWN: true,
  ERR_DEFERQUEUE_CONTRACT_MISMATCH: true,
} satisfies Record<ErrorCode, true>);

/** The section of docs/errors.md with that heading. */
const section = (heading: string): string =>
  page.split(/^## /m).find((text) => text.startsWith(`\`${heading}\`\n`)) ?? '';

describe('what the built package exports', () => {
  test('is exactly the functions and the error classes', () => {
    expect(Object.keys(api).toSorted()).toEqual(
      [...FUNCTIONS, 'DeferqueueError', ...Object.keys(ERRORS)].toSorted(),
    );
  });

  test.each(FUNCTIONS)('%s is a function', (name) => {
    expect(api[name as keyof typeof api]).toBeTypeOf('function');
  });
});

describe.each(Object.keys(ERRORS))('%s', (name) => {
  let error: Error & { code?: unknown };
  const Class = api[name as keyof typeof api] as unknown as { readonly name: string; readonly code: string };

  beforeAll(async () => {
    error = (await ERRORS[name]?.()) as Error;
  });

  test('is the class of what is thrown, by its constructor and by its name', () => {
    expect(error.constructor).toBe(Class);
    expect(error).toBeInstanceOf(api.DeferqueueError);
    expect(Class.name).toBe(name);
    expect(error.name).toBe(name);
  });

  test('has a code of its own, which its section of docs/errors.md tells', () => {
    expect(error.code).toBe(Class.code);
    expect(CODES).toContain(error.code);
    expect(section(name)).toContain(`Code: \`${String(error.code)}\``);
  });

  test('has its typed fields in docs/errors.md', () => {
    // Some are not printed with the error, nor enumerable.
    const ofAnyError = ['code', 'message', 'name', 'stack', 'cause'];
    const own = Object.getOwnPropertyNames(error).filter((field) => !ofAnyError.includes(field));
    const listed = [...section(name).matchAll(/^\| `(\w+)` /gm)].map(([, field]) => field);
    expect(new Set(listed)).toEqual(new Set([...own, ...(name === 'DeferredWorkError' ? ['errors'] : [])]));
  });
});

describe('docs/errors.md', () => {
  test('lists every code that exists and no other', () => {
    const mentioned = new Set(page.match(/ERR_DEFERQUEUE_\w+/g));
    expect(mentioned).toEqual(new Set(CODES));
    const inTable = [...page.matchAll(/^\| `(ERR_DEFERQUEUE_\w+)` /gm)].map(([, code]) => code);
    expect(inTable).toHaveLength(CODES.length);
    expect(new Set(inTable)).toEqual(new Set(CODES));
  });

  test('has a section for the argument errors, with the code that they have', async () => {
    const error = await caught(() => api.defer(undefined as never));
    expect(error).toMatchObject({ name: 'TypeError', code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT' });
    expect(page).toContain('## `TypeError` and `RangeError`\n\nCode: `ERR_DEFERQUEUE_INVALID_ARGUMENT`');
  });
});
