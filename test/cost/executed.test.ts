import { Session } from 'node:inspector';
import { Script } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { executedIn, tokensOf } from './modules.js';
import type { CoveredFunction } from './modules.js';

interface Covered {
  readonly url: string;
  readonly functions: readonly CoveredFunction[];
}

const tokens = (text: string): string[] => {
  const starts = tokensOf(text);
  return starts.map((start, index) => text.slice(start, starts[index + 1]).trim());
};

describe('tokens', () => {
  test('names, numbers, texts and operators are one each', () => {
    expect(tokens('const a1 = $b?.c ?? 12;')).toEqual('const a1 = $b ?. c ?? 12 ;'.split(' '));
    expect(tokens("f('it\\'s', `c ${d}`)")).toEqual(['f', '(', "'it\\'s'", ',', '`c ${d}`', ')']);
    expect(tokens('"a // b";')).toEqual(['"a // b"', ';']);
  });

  test('comments and spaces are none', () => {
    const plain = 'if (a) { b(); }';
    const commented = '// why\nif (a) { /* what\n * it is */\n  b(); // so\n}\n';
    expect(tokensOf(commented)).toHaveLength(tokensOf(plain).length);
  });

  test('names may be long or short', () => {
    expect(tokensOf('operation.boundary.queued(queue)')).toHaveLength(tokensOf('o.b.q(q)').length);
  });
});

describe('what was executed', () => {
  const range = (startOffset: number, endOffset: number, count: number) => ({
    startOffset,
    endOffset,
    count,
  });

  test('a token counts as often as the innermost range around it was entered', () => {
    //            0123456789
    const text = 'a b c d e';
    const functions = [{ ranges: [range(0, 9, 2), range(2, 7, 10), range(4, 5, 0)] }];
    expect(executedIn(text, functions)).toEqual({ calls: 2, tokens: 2 + 10 + 0 + 10 + 2 });
  });

  test('functions in functions and functions after one another add up', () => {
    const text = 'a b c d e';
    const functions = [
      { ranges: [range(6, 9, 3)] },
      { ranges: [range(0, 5, 1)] },
      { ranges: [range(2, 3, 5)] },
    ];
    expect(executedIn(text, functions)).toEqual({ calls: 9, tokens: 1 + 5 + 1 + 3 + 3 });
  });

  test('what is outside of all ranges counts nothing', () => {
    expect(executedIn('a b c', [])).toEqual({ calls: 0, tokens: 0 });
  });
});

describe('what V8 tells', () => {
  let session: Session;
  let texts = 0;

  const post = (method: string, parameters: object = {}): unknown => {
    let answer: unknown;
    session.post(method, parameters, (error, result) => {
      if (error !== null) throw error;
      answer = result;
    });
    return answer;
  };

  beforeEach(() => {
    session = new Session();
    session.connect();
    post('Profiler.enable');
    post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  });

  afterEach(() => {
    post('Profiler.stopPreciseCoverage');
    session.disconnect();
  });

  /** Counts what one call of the function executes that a text gives. */
  const executedBy = (text: string) => {
    const filename = `counted-${++texts}.js`;
    const call = new Script(text, { filename }).runInThisContext() as () => void;
    const take = () => (post('Profiler.takePreciseCoverage') as { result: Covered[] }).result;
    call();
    take();
    call();
    const own = take().find(({ url }) => url === filename);
    return executedIn(text, own?.functions ?? []);
  };

  test('a call more is one more', () => {
    const one = executedBy('(() => { const f = () => {}; return () => { f(); }; })()');
    const two = executedBy('(() => { const f = () => {}; return () => { f(); f(); }; })()');
    expect(one.calls).toBe(2);
    expect(two.calls).toBe(3);
  });

  test('a loop counts as often as it goes round', () => {
    const few = executedBy(
      '(() => { let n = 0; return () => { for (let i = 0; i < 10; i++) { n += i; } }; })()',
    );
    const many = executedBy(
      '(() => { let n = 0; return () => { for (let i = 0; i < 1000; i++) { n += i; } }; })()',
    );
    expect(many.tokens - few.tokens).toBe(990 * tokensOf('{ n += i; }').length);
  });

  test('a branch that is not taken costs nothing', () => {
    const without = executedBy('(() => { let n = 0; return () => { if (n < 0) { } }; })()');
    const within = executedBy('(() => { let n = 0; return () => { if (n < 0) { n = n * 2 + 1; } }; })()');
    expect(within).toEqual(without);
  });

  test('each field of a class counts for each of its objects, and its methods do not', () => {
    const fields = (more: string) =>
      executedBy(
        `(() => { class A { a = 1; ${more} never() { return 1 + 2; } } return () => { new A(); }; })()`,
      );
    expect(fields('b = 2;').tokens - fields('').tokens).toBe(tokensOf('b = 2;').length);
    expect(fields('other() { return 1; }').tokens).toBe(fields('').tokens);
  });
});
