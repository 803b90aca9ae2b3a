// What a test file sees in a realm of its own: promises, errors and data of Node.js are of another one (G26).
import { AsyncLocalStorage } from 'node:async_hooks';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { defer, DeferredWorkError, openOperation, use, withOperation } from 'deferqueue';
import { captureOperation, deferMatchers } from 'deferqueue/testing';

const here = fileURLToPath(import.meta.url);

expect.extend(deferMatchers);

test('close waits for a run whose promise comes from another realm', async () => {
  const operation = openOperation();
  let ran = 0;
  void operation.run(() => readFile(here)).then(() => operation.defer(() => ran++));
  const { registered } = await operation.close();
  expect([registered, ran]).toEqual([1, 1]);
});

test('work, disposers and functions may return such a promise', async () => {
  const read = [];
  await withOperation(() => {
    defer(() => readFile(here).then(() => read.push('work')));
    use({
      [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]: () =>
        readFile(here).then(() => read.push('disposer')),
    });
    return readFile(here).then(() => read.push('function'));
  });
  expect(read).toEqual(['function', 'work', 'disposer']);
});

test('an error of another realm is a failure with the very value', async () => {
  const error = await withOperation(() => {
    defer(() => readFile('/no/such/file'));
  }).catch((reason) => reason);
  expect(error).toBeInstanceOf(DeferredWorkError);
  expect(error.errors[0].code).toBe('ENOENT');
});

test('an onWorkError that rejects with such an error becomes a process warning', async () => {
  const emitWarning = process.emitWarning.bind(process);
  let code;
  process.emitWarning = (warning, options) => {
    emitWarning(warning, options);
    ({ code } = options ?? warning);
  };
  await withOperation({ workErrors: 'report', onWorkError: () => readFile('/no/such/file') }, () => {
    defer(() => {
      throw new Error('no');
    });
  });
  while (code === undefined) await readFile(here);
  process.emitWarning = emitWarning;
  expect(code).toBe('DEFERQUEUE_LISTENER_FAILED');
});

test('data of either realm is copied, and an instance of a class refused', async () => {
  class Money {
    amount = 3;
  }
  const file = await readFile(here);
  let copy;
  await withOperation(() => {
    defer((work) => (copy = work.data), {
      data: {
        when: new Date(5),
        map: new Map([[1, [2]]]),
        error: new TypeError('no'),
        file: file.subarray(0, 2),
      },
    });
    expect(() => defer(() => {}, { data: { price: new Money() } })).toThrow(/instance of Money/);
  });
  expect(copy.when.getTime()).toBe(5);
  expect(copy.map.get(1)[0]).toBe(2);
  expect(copy.error.name).toBe('TypeError');
  expect([Buffer.isBuffer(copy.file), copy.file.toString()]).toEqual([true, '//']);
});

test('contexts are kept, at any concurrency', async () => {
  const user = new AsyncLocalStorage();
  const seen = [];
  await withOperation({ concurrency: 2 }, async () => {
    for (const name of ['ann', 'bob', 'cid'])
      user.run(name, () => defer(async () => seen.push(user.getStore())));
    await readFile(here);
  });
  expect(seen).toEqual(['ann', 'bob', 'cid']);
});

test('the test kit captures and matches', async () => {
  await using_(
    await captureOperation(() => void defer(() => {}, { name: 'mail', data: { to: 'ann' } })),
    (captured) => {
      expect(captured).toHaveDeferred('mail', { to: expect.any(String) });
      expect(captured.hasDeferred('mail', { to: 'ann' })).toBe(true);
    },
  );
});

/** `await using`, which not all of these runners can parse. */
const using_ = async (captured, fn) => {
  try {
    fn(captured);
  } finally {
    await captured.discard();
  }
};
