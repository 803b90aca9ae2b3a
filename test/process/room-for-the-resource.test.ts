import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { requireBuild, root } from '../package/built.js';

// docs/decisions/0028-room-for-the-resource.md

/** Longer functions become part of no other one: `node --v8-options` has it as `max-inlined-bytecode-size`. */
const LONGEST_INLINED = 460;

beforeAll(requireBuild);

test('what registers a work is too long for V8 to make it part of a loop that defers', async () => {
  const program = `
    import { defer, withOperation } from 'deferqueue';
    await withOperation(() => void defer(() => {}));
  `;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--print-bytecode', '--print-bytecode-filter=register', '--input-type=module', '--eval', program],
    { cwd: root },
  );
  const lengths = [...stdout.matchAll(/^Bytecode length: (\d+)$/gm)].map(([, length]) => Number(length));
  expect(lengths).toHaveLength(1);
  expect(lengths[0]).toBeGreaterThan(LONGEST_INLINED);
});
