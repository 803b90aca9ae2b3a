import { describe, expect, test } from 'vitest';
import { run } from '../examples/program.js';
import { requireBuild } from '../package/built.js';

requireBuild();

describe('the instrumentation of node:http', () => {
  test('makes spans of requests below the work that makes them, of works that run at once, too', async () => {
    const { lines, stderr, status } = await run('test/opentelemetry/http-program.ts').finished;
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(lines.toSorted()).toEqual([
      '/a/first: below work a, served 1',
      '/a/second: below work a, served 1',
      '/b/first: below work b, served 1',
      '/b/second: below work b, served 1',
      '/begin: below operation import, served 1',
      '/c/first: below work c, served 1',
      '/c/second: below work c, served 1',
    ]);
  });
});
