import { createRuntime, defer, openOperation, settleOperation, withOperation, withTask } from 'deferqueue';
import { afterEach, describe, expect, test } from 'vitest';
import { startLog } from '../../src/observability/debug/log.js';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

/** What is logged, with small numbers and without times, which nothing here is about. */
const read = (lines: readonly string[]): string[] => {
  const numbers = new Map<string, number>();
  return lines.map((line) =>
    line
      .replace(/^deferqueue +\d+\.\d ms {2}/, '')
      .replaceAll(/\d+\.\d ms/g, '_ ms')
      .replaceAll(/(task )?((?:"[^"]*" )?)#(\d+)/g, (_all, task: string = '', name: string, id: string) => {
        const key = task + id;
        if (!numbers.has(key))
          numbers.set(
            key,
            [...numbers.keys()].filter((one) => one.startsWith('task') === (task !== '')).length + 1,
          );
        return `${task}${name}#${numbers.get(key)}`;
      }),
  );
};

const logged = (colors = false): string[] => {
  const lines: string[] = [];
  undo.push(startLog({ write: (line) => void lines.push(line), colors: () => colors }));
  return lines;
};

const works = (lines: readonly string[]): string[] =>
  lines
    .filter((line) => line.includes(', work '))
    .map((line) => line.replace(/.*, work (?:"[^"]*" )?#\d+/, '').trim());

describe('the log', () => {
  test('has a line for each step of operations, tasks and works, indented by what they are in', async () => {
    const lines = logged();
    await withOperation('checkout', async () => {
      defer(() => undefined, { name: 'mail' });
      await withTask('files', () => withOperation(() => undefined));
    });
    expect(lines.every((line) => /^deferqueue +\d+\.\d ms {2}/.test(line))).toBe(true);
    expect(read(lines)).toEqual([
      '"checkout" #1 opened',
      '  "checkout" #1, work "mail" #1 registered',
      '  "checkout" #1, task "files" #1 opened',
      '  #2 opened',
      '  #2 boundary after _ ms, fulfilled',
      '  #2 closed after _ ms, no work items',
      '  "checkout" #1, task "files" #1 closed after _ ms, fulfilled',
      '"checkout" #1 boundary after _ ms, fulfilled',
      '  "checkout" #1, work "mail" #1 started, waited _ ms',
      '  "checkout" #1, work "mail" #1 ran, took _ ms',
      '"checkout" #1 closed after _ ms, 1 ran',
    ]);
  });

  test('tells why something failed in one line, and where it was registered', async () => {
    const lines = logged();
    const reason = new TypeError('SMTP\n  is\u0007 down');
    await settleOperation({ trace: true }, () => {
      defer(() => Promise.reject(reason), { name: 'mail' });
      defer(() => undefined, { on: 'success' });
      throw reason;
    });
    const told = 'TypeError: SMTP is\\u0007 down';
    const place = expect.stringMatching(/^registered at .*log\.test\.ts:\d+:\d+\)?$/) as string;
    expect(works(read(lines))).toEqual([
      place,
      place,
      'started, waited _ ms',
      expect.stringMatching(
        /^failed, took _ ms: TypeError: SMTP is\\u0007 down, registered at .*log\.test\.ts/,
      ),
      'skipped, waited _ ms',
    ]);
    expect(read(lines).find((line) => line.includes('boundary'))).toBe(
      `#1 boundary after _ ms, rejected: ${told}`,
    );
    expect(read(lines).at(-1)).toBe('#1 closed after _ ms, 1 failed, 1 skipped');
  });

  test('tells of a promoted work where it comes from', async () => {
    const lines = logged();
    await withOperation('outer', () =>
      withOperation('inner', () => void defer(() => undefined, { until: 'root' })),
    );
    expect(works(read(lines))).toEqual([
      'registered',
      '(promoted from #2) started, waited _ ms',
      '(promoted from #2) ran, took _ ms',
    ]);
  });

  test('tells what it can of what began before it', async () => {
    const operation = openOperation('early');
    operation.defer(() => undefined);
    const lines = logged();
    await operation.close();
    expect(read(lines)).toEqual([
      '"early" #1 boundary, fulfilled',
      '  "early" #1, work #2 started, waited _ ms',
      '  "early" #1, work #2 ran, took _ ms',
      '"early" #1 closed, 1 ran',
    ]);
  });

  test.each([
    ['a reason that is no text', Object.create(null) as unknown, '(what was thrown cannot be shown)'],
    ['a reason that is long', 'x'.repeat(500), `${'x'.repeat(200)}…`],
  ])('is not broken by %s', async (_what, reason, told) => {
    const lines = logged();
    const { outcome } = await settleOperation('import', () => Promise.reject(reason));
    expect(outcome.status).toBe('rejected');
    expect(read(lines)[1]).toBe(`"import" #1 boundary after _ ms, rejected: ${told}`);
  });

  test('never throws, whatever becomes of its lines', async () => {
    const thrown: unknown[] = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => thrown.push(error));
    undo.push(() => {
      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
    });
    let writes = 0;
    undo.push(
      startLog({
        write: () => {
          writes++;
          throw new Error('no stderr');
        },
        colors: () => false,
      }),
    );
    await withOperation(() => void defer(() => undefined));
    await new Promise((resolve) => setImmediate(resolve));
    expect([writes, thrown]).toEqual([6, []]);
  });

  test('does not log what writing a line does itself', async () => {
    const { openOperation: open } = createRuntime();
    const lines: string[] = [];
    undo.push(startLog({ write: (line) => void (lines.push(line), open('logger')), colors: () => false }));
    await withOperation('import', () => undefined);
    expect(read(lines).map((line) => line.slice(0, 8))).toEqual(['"import"', '"import"', '"import"']);
  });

  test('has colours where it is told to', async () => {
    const lines = logged(true);
    await settleOperation('import', () => void defer(() => undefined, { name: 'mail' }));
    const [opened = ''] = lines;
    expect(opened.startsWith('\u001B[2mdeferqueue')).toBe(true);
    expect(opened.replaceAll(/\d+/g, '_')).toContain(' ms\u001B[_m  \u001B[_m"import" #_\u001B[_m opened');
    expect(lines[4]).toContain('\u001B[32mran\u001B[39m, took');
  });
});
