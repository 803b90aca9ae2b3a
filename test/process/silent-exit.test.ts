import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from 'vitest';
import { requireBuild, root } from '../package/built.js';

beforeAll(requireBuild);

/** What a program in a process of its own prints on stderr. */
const stderrOf = (program: string): string =>
  spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { createRuntime, defer, openOperation, runOutside, shutdown, use, withOperation } from 'deferqueue';\n${program}`,
    ],
    { cwd: root, encoding: 'utf8', env: { ...process.env, NODE_NO_WARNINGS: '0' } },
  ).stderr;

const CODE = 'DEFERQUEUE_SILENT_EXIT';
const times = (text: string, part: string): number => text.split(part).length - 1;

describe('G23b never silent at exit', () => {
  test.each([
    [
      'waits for a promise that nothing resolves',
      `withOperation('import', async () => { defer(() => {}, { name: 'unlock' }); await new Promise(() => {}); });`,
    ],
    [
      'waits for its own work',
      `await withOperation('import', async () => { await defer(() => {}, { name: 'unlock' }).settled; });`,
    ],
    [
      'waits for a child that is never closed',
      `withOperation('import', () => { openOperation('child').defer(() => {}, { name: 'unlock' }); });`,
    ],
    [
      'has a disposer that hangs after its drain was ended',
      `withOperation({ name: 'import', drainSignal: AbortSignal.abort() }, () => {
         defer(() => {}, { name: 'mail' });
         openOperation('other').defer(() => {}, { name: 'unlock' });
         use({ [Symbol.asyncDispose]: () => new Promise(() => {}) });
       }).catch(() => {}); withOperation('import', (it) => { it.defer(() => {}, { name: 'unlock' }); return new Promise(() => {}); });`,
    ],
    [
      'is one of another runtime',
      `createRuntime().withOperation('import', (operation) => { operation.defer(() => {}, { name: 'unlock' }); return new Promise(() => {}); });`,
    ],
  ])('an operation that %s is named, with what is queued', (_what, program) => {
    const stderr = stderrOf(program);
    expect(times(stderr, CODE)).toBe(1);
    expect(stderr).toContain('operation "import" (#');
    expect(stderr).toContain('queued: "unlock"');
  });

  test('each is named once, in one warning, also where the process goes on for a while', () => {
    const stderr = stderrOf(`
      const wait = () => new Promise(() => {});
      for (const name of ['one', 'two']) withOperation(name, wait);
      let left = 3;
      process.on('beforeExit', () => { if (left-- > 0) setTimeout(() => left === 1 && withOperation('three', wait), 1); });
    `);
    expect(times(stderr, CODE)).toBe(2);
    for (const name of ['one', 'two', 'three']) expect(times(stderr, `"${name}"`)).toBe(1);
  });

  test.each([
    [
      'shutdown has reported it',
      `void withOperation('hung', () => new Promise(() => {})).catch(() => {}); await shutdown({ grace: 5 });`,
    ],
    ['nothing is open', `await withOperation('done', () => void defer(() => {}));`],
    [
      'the process is told to exit',
      `withOperation('import', () => new Promise(() => {})); setTimeout(() => process.exit(0), 1);`,
    ],
  ])('there is no warning where %s', (_what, program) => {
    expect(stderrOf(program)).not.toContain(CODE);
  });
});

describe('G6 boundary', () => {
  test.each([
    [
      'named operations',
      `const f = () => withOperation('f', () => f()); await f().catch((error) => console.error(error.name));`,
    ],
    [
      'operations by way of runOutside',
      `const f = () => runOutside(() => withOperation(f)); await f().catch((error) => console.error(error.name));`,
    ],
    [
      'run of an open operation',
      `const open = openOperation(); const f = () => open.run(f); try { f(); } catch (error) { console.error(error.name); } await open.close();`,
    ],
  ])(
    'endless recursion through %s is the RangeError of the platform, and leaves nothing open',
    (_what, program) => {
      const stderr = stderrOf(program);
      expect(stderr.trimEnd().endsWith('RangeError')).toBe(true);
      expect(stderr).not.toContain(CODE);
    },
  );
});
