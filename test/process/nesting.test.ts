import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { requireBuild } from '../package/built.js';

beforeAll(requireBuild);

describe('G6 boundary', () => {
  test('10,000 nested operations complete, and endless nesting is a RangeError', async () => {
    const program = fileURLToPath(new URL('nesting/deep.mjs', import.meta.url));
    // Where a promise is rejected on a stack that is used up, Node.js says so on stderr, for plain functions too.
    const { stdout } = await promisify(execFile)(process.execPath, [program], { maxBuffer: 2 ** 26 });
    expect(JSON.parse(stdout)).toEqual({
      'operations with an await between': 10_000,
      'operations opened by work of one another, with an await between': 10_000,
      'operations opened by work of one another in one turn': 10_000,
      'operations without end': 'RangeError',
      'async functions without end': 'RangeError',
      'tasks without end': 'RangeError',
      'joined functions without end': 'RangeError',
      'an operation afterwards': 'as before',
    });
  });
});
