import { generateKeySync } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { defer, settleOperation, withOperation } from 'deferqueue';
import { describe, expect, test } from 'vitest';

/** What the work receives of the data. */
const received = async (data: unknown): Promise<unknown> => {
  let copy: unknown;
  await withOperation(() => {
    defer((work) => (copy = work.data), { data });
  });
  return copy;
};

const refused = async (data: unknown): Promise<Error> => {
  let error: unknown;
  const { report } = await settleOperation(() => {
    try {
      defer(() => {}, { name: 'receipt', data });
    } catch (thrown) {
      error = thrown;
    }
  });
  expect(report.registered).toBe(0);
  return error as Error;
};

class Money {
  amount = 3;
  get text(): string {
    return `${this.amount} EUR`;
  }
}
class OrderError extends Error {}
class Rows extends Array<number> {}
class Index extends Map<string, number> {}

describe('G5 data is copied', () => {
  test('as structuredClone would, with cycles, shared references and holes', async () => {
    const shared = { tag: 'shared' };
    const data: Record<string, unknown> = {
      text: 'a',
      // oxlint-disable-next-line eslint/no-sparse-arrays -- a hole is kept
      list: [1, , shared],
      shared,
      when: new Date(5),
      pattern: /a+/gi,
      map: new Map<unknown, unknown>([[shared, new Set([shared, 2])]]),
      nothing: null,
      big: 10n,
      boxed: Object('boxed'),
      bytes: new Uint8Array([1, 2]).buffer,
      blob: new Blob(['a']),
    };
    data['self'] = data;
    const copy = (await received(data)) as typeof data;
    expect(copy).not.toBe(data);
    expect(copy).toEqual(data);
    expect(copy['self']).toBe(copy);
    expect(1 in (copy['list'] as unknown[])).toBe(false);
    expect((copy['list'] as unknown[])[2]).toBe(copy['shared']);
    expect([...(copy['map'] as Map<unknown, unknown>).keys()]).toEqual([copy['shared']]);
    expect(copy['shared']).not.toBe(shared);
  });

  test('reads each property once, and keeps a key named __proto__ and an array with names', async () => {
    let reads = 0;
    const matched = /(?<year>\d+)/.exec('in 2009')!;
    const data = JSON.parse('{"__proto__": {"a": 1}}') as object;
    const copy = (await received({
      get once() {
        reads++;
        return matched;
      },
      data,
    })) as { once: RegExpExecArray; data: object };
    expect(reads).toBe(1);
    expect([copy.once[1], copy.once.index, copy.once.groups?.['year']]).toEqual(['2009', 3, '2009']);
    expect(Object.keys(copy.data)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(copy.data)).toBe(Object.prototype);
  });

  test('a Buffer stays a Buffer, wherever it is, and a view copies its own bytes alone', async () => {
    const file = Buffer.alloc(1_000_000, 7);
    const data = {
      id: file.subarray(10, 14),
      in: new Map([['map', file.subarray(0, 2)]]),
      words: new Uint16Array(file.buffer, file.byteOffset + 2, 2),
      view: new DataView(file.buffer, file.byteOffset, 3),
      floats: new Float64Array([0.5]),
    };
    const copy = (await received(data)) as typeof data;
    file.fill(0);
    expect([Buffer.isBuffer(copy.id), copy.id.toString('hex'), copy.id.buffer.byteLength]).toEqual([
      true,
      '07070707',
      4,
    ]);
    expect(Buffer.isBuffer(copy.in.get('map'))).toBe(true);
    expect([copy.words.length, copy.words[0], copy.words.buffer.byteLength]).toEqual([2, 0x0707, 4]);
    expect([copy.view.getUint8(2), copy.view.buffer.byteLength]).toEqual([7, 3]);
    expect(copy.floats).toEqual(new Float64Array([0.5]));
  });

  test('native errors keep their class, cause and own fields', async () => {
    const cause = new RangeError('cause');
    const error = Object.assign(new TypeError('wrong', { cause }), { code: 'E_WRONG' });
    const all = new AggregateError([error], 'all');
    const copy = (await received(all)) as AggregateError;
    expect(copy).toBeInstanceOf(AggregateError);
    const [first] = copy.errors as [TypeError & { code: string }];
    expect(first).toBeInstanceOf(TypeError);
    expect(first).not.toBe(error);
    expect([first.message, first.stack, first.code]).toEqual(['wrong', error.stack, 'E_WRONG']);
    expect(first.cause).toBeInstanceOf(RangeError);
    expect(Object.keys(first)).toEqual(['code']);
  });

  test('errors of Node.js itself are native errors, and fields that are no plain values are left out', async () => {
    const errors: unknown[] = [];
    for (const wrong of [() => Buffer.alloc('a' as never), () => Buffer.alloc(-1)]) {
      try {
        wrong();
      } catch (error) {
        errors.push(error);
      }
    }
    const copies = (await received(errors)) as (Error & { code?: string })[];
    expect(copies.map(({ name, code }) => [name, code])).toEqual([
      ['TypeError', 'ERR_INVALID_ARG_TYPE'],
      ['RangeError', 'ERR_OUT_OF_RANGE'],
    ]);
    const error = Object.assign(new Error('no'), { code: 7, toJSON: () => ({}), request: new Money() });
    (error as { message: unknown }).message = { shared: true };
    expect(Object.entries((await received(error)) as object)).toEqual([['code', 7]]);
  });

  test('keys of a map are never made text', async () => {
    const key = Object.assign(Object.create(null) as object, { a: 1 });
    const copy = (await received(new Map([[key, [1]]]))) as Map<object, number[]>;
    expect([...copy]).toEqual([[{ a: 1 }, [1]]]);
    const toString = (): string => {
      throw new Error('called');
    };
    expect(await refused(new Map([[{ toString }, 1]]))).toMatchObject({ name: 'DataCloneError' });
  });

  test('what comes from another realm counts as what it is', async () => {
    const data: unknown = runInNewContext(
      '({ when: new Date(5), map: new Map([[1, [2]]]), error: new TypeError("no"), bytes: new Uint8Array([1, 2]), none: Object.create(null) })',
    );
    const copy = (await received(data)) as Record<string, unknown>;
    expect(copy['when']).toEqual(new Date(5));
    expect(copy['map']).toEqual(new Map([[1, [2]]]));
    expect(copy['error']).toBeInstanceOf(TypeError);
    expect(copy['bytes']).toEqual(new Uint8Array([1, 2]));
    expect(copy['none']).toEqual({});
  });

  test('data nested far deeper than the stack is copied', async () => {
    interface Node {
      next?: Node;
    }
    let data: Node = {};
    for (let depth = 0; depth < 100_000; depth++) data = { next: data };
    let depth = 0;
    for (let node = (await received(data)) as Node | undefined; node?.next; node = node.next) depth++;
    expect(depth).toBe(100_000);
  });

  test('what the platform clones is accepted', async () => {
    const key = generateKeySync('aes', { length: 128 });
    expect(await received(key)).toEqual(key);
  });

  test.each([
    [
      'an instance of a class',
      { order: { total: [new Money()] } },
      /`data\.order\.total\[0\]` is an instance of Money/,
    ],
    ['an error of a class of its own', new OrderError('no'), /`data` is an instance of OrderError/],
    ['an error of such a class as a cause', new Error('no', { cause: new OrderError() }), /`data\.cause`/],
    ['an array of a class of its own', Rows.of(1), /`data` is an instance of Rows/],
    ['a map of a class of its own', { index: new Index() }, /`data\.index` is an instance of Index/],
    ['an instance in a map', new Map([['a', new Money()]]), /`data\.get\(a\)` is an instance of Money/],
    [
      'an instance of a class of another realm',
      runInNewContext('new (class Foreign {})'),
      /instance of Foreign/,
    ],
    ['a URL', { at: new URL('http://a/b') }, /`data\.at` is an instance of URL/],
    ['search parameters', new URLSearchParams('a=1'), /instance of URLSearchParams/],
    ['headers', new Headers(), /instance of Headers/],
    ['a signal', { signal: new AbortController().signal }, /instance of AbortSignal/],
    ['an object that inherits data', Object.create({ inherited: 1 }), /which a copy would not be/],
    ['a generator', (function* numbers() {})(), /instance of Generator/],
    ['shared memory', new SharedArrayBuffer(8), /shared memory/],
    [
      'a view on shared memory',
      { view: new Uint8Array(new SharedArrayBuffer(8)) },
      /`data\.view` is shared memory/,
    ],
    [
      'a Buffer of a class of its own',
      Object.setPrototypeOf(Buffer.from('a'), class extends Buffer {}.prototype),
      /instance of/,
    ],
  ])('%s is refused at the call, by name', async (_what, data, message) => {
    const error = await refused(data);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT' });
    expect(error.message).toMatch(message);
    expect(error.message).toContain('The data of work item "receipt" cannot be copied');
    expect(error.message).toContain('Pass the plain values that the work needs');
  });

  test.each([
    ['a function', { deep: [() => {}] }],
    ['a symbol', { symbol: Symbol('s') }],
    ['a promise', { later: Promise.resolve() }],
    ['a weak map', new WeakMap()],
    ['a proxy', { draft: new Proxy({}, {}) }],
  ])('%s cannot be cloned: DataCloneError', async (_what, data) => {
    expect(await refused(data)).toMatchObject({ name: 'DataCloneError' });
  });

  test('a view whose buffer was transferred cannot be cloned either', async () => {
    const bytes = new Uint8Array(8);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    const error = await refused({ bytes });
    // A detached view is empty for some platforms.
    expect(error === undefined || error.name === 'DataCloneError').toBe(true);
  });
});
