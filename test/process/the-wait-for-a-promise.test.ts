import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { requireBuild, root } from '../package/built.js';

// docs/decisions/0030-the-wait-for-a-promise.md

/** Before that, all promises of a process with an AsyncLocalStorage are watched. */
const FIRST_NODE = 24;

beforeAll(requireBuild);

test.skipIf(Number.parseInt(process.versions.node) < FIRST_NODE)(
  'V8 leaves `then` out where an operation waits for its function and for a work',
  async () => {
    const program = `
      import { defer, withOperation } from 'deferqueue';
      for (let index = 0; index < 100_000; index++) await withOperation(async () => void defer(async () => {}));
    `;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--trace-turbo-reduction', '--input-type=module', '--eval', program],
      { cwd: root, maxBuffer: 2 ** 28 },
    );
    expect(stdout).toMatch(/^- Replacement of #\d+: JSCall\b.* with #\d+: JSPerformPromiseThen\b/m);
  },
);
