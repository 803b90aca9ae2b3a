import { defer, withOperation, withTask } from 'deferqueue';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  recordTimeline,
  timelineToText,
  timelineToTraceEvents,
} from '../../src/observability/timeline/index.js';
import type { TextStream, Timeline } from '../../src/observability/timeline/index.js';

beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-01-01T00:00:00Z') }));
afterEach(() => void vi.useRealTimers());

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs while the fake clock goes on, and gives the timeline with ids counted from 1. */
const recorded = async (body: () => Promise<unknown>, trace?: 'trace'): Promise<Timeline> => {
  const recording = recordTimeline();
  const done = body().catch(() => undefined);
  await vi.advanceTimersByTimeAsync(1000);
  await done;
  const timeline = recording.stop();
  return trace === undefined ? renumber(timeline) : timeline;
};

const renumber = (timeline: Timeline): Timeline => {
  const ids = new Map(timeline.operations.map(({ id }, index) => [id, index + 1]));
  const tasks = new Map(timeline.tasks.map(({ id }, index) => [id, index + 1]));
  return {
    ...timeline,
    operations: timeline.operations.map((one) => ({
      ...one,
      id: ids.get(one.id)!,
      parent: one.parent === null ? null : ids.get(one.parent)!,
    })),
    tasks: timeline.tasks.map((one) => ({
      ...one,
      id: tasks.get(one.id)!,
      operation: ids.get(one.operation)!,
    })),
    works: timeline.works.map((one) => ({
      ...one,
      registeredIn: ids.get(one.registeredIn)!,
      operation: ids.get(one.operation)!,
      task: one.task === null ? null : tasks.get(one.task)!,
    })),
  };
};

const restore = (): Promise<unknown> =>
  withOperation({ name: 'restore', workErrors: 'report', onWorkError: () => undefined }, async () => {
    defer(() => wait(200), { name: 'index', data: { secret: 1 } });
    defer(() => undefined, { name: 'alarm', on: 'failure' });
    await wait(100);
    await withTask('files', async () => {
      defer(() => wait(100), { name: 'times' });
      await wait(100);
    });
    await withOperation('audit', () => {
      defer(() => undefined, { name: 'note', until: 'root' });
      defer(
        async () => {
          await wait(100);
          throw new Error('disk\nis full');
        },
        { name: 'seal', until: 'root' },
      );
    });
  });

describe('recordTimeline', () => {
  test('records operations, tasks and works with their times, and no data', async () => {
    const timeline = await recorded(restore);
    expect(timeline).toEqual({
      version: 1,
      startedAt: '2026-01-01T00:00:00.000Z',
      duration: 1000,
      operations: [
        {
          id: 1,
          name: 'restore',
          parent: null,
          opened: 0,
          boundary: 200,
          closed: 600,
          outcome: { status: 'fulfilled' },
        },
        {
          id: 2,
          name: 'audit',
          parent: 1,
          opened: 200,
          boundary: 200,
          closed: 200,
          outcome: { status: 'fulfilled' },
        },
      ],
      tasks: [
        { id: 1, name: 'files', operation: 1, opened: 100, closed: 200, outcome: { status: 'fulfilled' } },
      ],
      works: [
        work('index', 1, 1, null, [0, 300, 500], 'ran'),
        work('alarm', 1, 1, null, [0, null, 500], 'skipped'),
        work('times', 1, 1, 1, [100, 200, 300], 'ran'),
        work('note', 2, 1, null, [200, 500, 500], 'ran'),
        { ...work('seal', 2, 1, null, [200, 500, 600], 'failed'), reason: 'Error: disk is full' },
      ],
      dropped: 0,
    });
    expect(JSON.parse(JSON.stringify(timeline))).toEqual(timeline);
    expect(JSON.stringify(timeline)).not.toContain('secret');
  });

  test('a look at what goes on has what is queued and running', async () => {
    using recording = recordTimeline();
    const done = withOperation(async () => {
      defer(() => wait(10), { name: 'first' });
      defer(() => undefined, { name: 'second' });
      await wait(10);
    });
    const states = (): unknown =>
      recording.timeline().works.map(({ name, state, started }) => [name, state, started]);
    expect(states()).toEqual([
      ['first', 'queued', null],
      ['second', 'queued', null],
    ]);
    await vi.advanceTimersByTimeAsync(15);
    expect(states()).toEqual([
      ['first', 'running', 10],
      ['second', 'queued', null],
    ]);
    expect(recording.timeline().operations[0]).toMatchObject({ boundary: 10, closed: null });
    await vi.advanceTimersByTimeAsync(15);
    await done;
    expect(recording.timeline().operations[0]).toMatchObject({ closed: 20 });
  });

  test('what began before, and what comes after the stop, is not in it', async () => {
    let timeline: Timeline | undefined;
    await withOperation('before', async () => {
      const recording = recordTimeline();
      defer(() => undefined);
      await withTask('task', () => undefined);
      await withOperation('inside', () => void defer(() => undefined));
      timeline = recording.stop();
      await withOperation('after', () => undefined);
      expect(recording.stop()).toBe(timeline);
      expect(recording.timeline()).toBe(timeline);
    });
    expect(timeline?.operations.map(({ name }) => name)).toEqual(['inside']);
    expect([timeline?.tasks.length, timeline?.works.length]).toEqual([0, 1]);
    // Its parent is not there: it stands at the top.
    expect(timelineToText(timeline!)).toMatch(/^.*\n"inside" #/);
  });

  test('what is more than the limit is counted', async () => {
    const recording = recordTimeline({ limit: 2 });
    await withOperation(() => void [1, 2, 3, 4, 5].map((n) => defer(() => n)));
    const timeline = recording.stop();
    expect(timeline.works).toHaveLength(2);
    expect(timeline.dropped).toBe(3);
    expect(timelineToText(timeline)).toContain('and 3 work items beyond the limit of the recording');
  });

  test('keeps where a work was deferred, where that is traced', async () => {
    const timeline = await recorded(
      () =>
        withOperation({ trace: true, workErrors: 'report', onWorkError: () => undefined }, () => {
          defer(() => Promise.reject(new Error('no')), { name: 'mail' });
        }),
      'trace',
    );
    expect(timeline.works[0]?.trace).toContain('timeline.test');
    expect(timelineToText(timeline)).toMatch(/deferred at .*timeline\.test/);
  });

  test.each([[1], [{ limit: -1 }], [{ limit: '1' }], [{ limt: 1 }], [null]])('refuses %o', (options) => {
    expect(() => recordTimeline(options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT' }),
    );
  });
});

const work = (
  name: string,
  registeredIn: number,
  operation: number,
  task: number | null,
  [registered, started, ended]: readonly [number, number | null, number],
  state: string,
): object => ({ name, registeredIn, operation, task, registered, started, ended, state });

describe('timelineToText', () => {
  test('is a tree with aligned columns and bars', async () => {
    expect(timelineToText(await recorded(restore), { width: 80 })).toBe(
      `
1000 ms: 2 operations, 1 task, 5 work items, 1 failed
"restore" #1       fulfilled   600 ms  ────────═════════════════
  "index"          ran         200 ms  ············█████████
  "alarm"          skipped          –  ·····················
  task "files" #1  fulfilled   100 ms      ─────
    "times"        ran         100 ms      ····█████
  "audit" #2       fulfilled  0.00 ms          ═
    "note" → #1    ran        0.00 ms          ············█
    "seal" → #1    failed      100 ms          ············▒▒▒▒▒
      Error: disk is full`.slice(1),
    );
  });

  test('what has not ended has a tip, and what failed says why', async () => {
    const recording = recordTimeline();
    const done = withOperation('import', async () => {
      defer(() => undefined);
      await wait(10);
      throw new Error('no');
    }).catch(() => undefined);
    await vi.advanceTimersByTimeAsync(5);
    const lines = timelineToText(recording.timeline()).split('\n');
    expect(lines[1]).toMatch(/^"import" #\d+  open +5\.00 ms  ─+▸$/);
    expect(lines[2]).toMatch(/^  \(unnamed\) +queued +–  ·+▸$/);
    await vi.advanceTimersByTimeAsync(5);
    await done;
    expect(timelineToText(recording.stop())).toMatch(/"import" #\d+ +rejected .*\n  Error: no\n/);
  });

  test('no line is longer than the width, whatever the names are', async () => {
    const timeline = await recorded(() =>
      withOperation('x'.repeat(300), () => {
        for (const name of [
          '日本語'.repeat(30),
          '🎉'.repeat(50),
          '👩‍👧'.repeat(50),
          '🇯🇵'.repeat(50),
          '𠮷'.repeat(50),
          'e\u0301'.repeat(100),
          'a\nb\u001B[31m',
          'a\u202Eb',
          '日本語 🎉 👩‍👧 🇯🇵 e\u0301',
        ]) {
          defer(() => wait(10), { name });
        }
      }),
    );
    for (const width of [40, 60, 77, 200]) {
      const lines = timelineToText(timeline, { width }).split('\n');
      const bars = lines.slice(1).map((line) => columnsBefore(line, /(?<= )(?:ran|fulfilled)/));
      expect(new Set(bars).size, lines.join('\n')).toBe(1);
      expect(Math.max(...lines.map((line) => columnsBefore(line, /$/)))).toBeLessThanOrEqual(width);
      for (const obeyed of ['\u001B', '\u202E']) expect(lines.join('')).not.toContain(obeyed);
    }
  });

  test('the headline keeps to the width, however many it counts', async () => {
    const timeline = await recorded(restore);
    const works = Array.from({ length: 100_000 }, () => timeline.works[0]!);
    const [headline] = timelineToText({ ...timeline, works }, { width: 40, limit: 1 }).split('\n');
    expect(headline).toMatch(/^1000 ms: 2 operations.*…$/);
    expect(headline).toHaveLength(40);
  });

  test('colours are escapes, and the text is the same without them', async () => {
    const timeline = await recorded(restore);
    const colored = timelineToText(timeline, { color: true });
    expect(colored).toContain('\u001B[31m');
    // oxlint-disable-next-line eslint/no-control-regex -- that is what a colour begins with
    expect(colored.replaceAll(/\u001B\[\d+m/g, '').replaceAll(/ +$/gm, '')).toBe(timelineToText(timeline));
  });

  test('tells of as many as there are, where no limit is wanted', async () => {
    const timeline = await recorded(restore);
    const works = Array.from({ length: 200_000 }, () => timeline.works[0]!);
    const lines = timelineToText({ ...timeline, works }, { limit: Infinity }).split('\n');
    expect(lines).toHaveLength(200_000 + timeline.operations.length + timeline.tasks.length + 1);
  });

  test('what is more than the limit is counted, and nothing recorded is a headline', async () => {
    const timeline = await recorded(restore);
    expect(timelineToText(timeline, { limit: 3 }).split('\n').slice(3)).toEqual([
      expect.stringContaining('alarm'),
      'and 5 more',
    ]);
    expect(timelineToText(await recorded(async () => undefined))).toBe(
      '1000 ms: 0 operations, 0 tasks, 0 work items',
    );
  });

  test.each([
    [null],
    [{ width: 39 }],
    [{ stream: 'stdout' }],
    [{ width: '80' }],
    [{ color: 1 }],
    [{ limit: 0 }],
    [{ limit: 1.5 }],
    [{ colour: true }],
  ])('refuses %o', (options) => {
    const recording = recordTimeline();
    expect(() => timelineToText(recording.stop(), options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT' }),
    );
  });
});

/** How many columns a line has before a match. Written for the names of the test alone. */
const columnsBefore = (line: string, what: RegExp): number =>
  line
    .slice(0, line.search(what))
    .replaceAll('\u0301', '')
    .replaceAll(/👩‍👧|🇯🇵|[🎉日本語𠮷]/gu, '##').length;

describe('timelineToText for a stream', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  const terminal = (colors = true, columns = 80): TextStream => ({
    isTTY: true,
    columns,
    hasColors: () => colors,
  });
  const longest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

  test('is as wide as it, but for what would be too narrow, and for what has no width', async () => {
    const timeline = await recorded(restore);
    const width = (columns?: number): number =>
      longest(timelineToText(timeline, { stream: { columns }, color: false }).replace(/^.*\n/, ''));
    const given = (columns: number): number =>
      longest(timelineToText(timeline, { width: columns }).replace(/^.*\n/, ''));
    expect([70, 20, 0, undefined].map(width)).toEqual([70, 40, 100, 100].map(given));
    const both = timelineToText(timeline, { stream: terminal(), width: 60, color: false });
    expect(both).toBe(timelineToText(timeline, { width: 60 }));
  });

  test.each([
    ['a terminal', terminal(), {}, true],
    ['a terminal that says nothing of colours', { isTTY: true }, {}, true],
    ['a terminal without colours', terminal(false), {}, false],
    ['a file', {}, {}, false],
    ['a terminal, with NO_COLOR', terminal(), { NO_COLOR: '1' }, false],
    ['a terminal, with an empty NO_COLOR', terminal(), { NO_COLOR: '' }, true],
    ['a file, with FORCE_COLOR', {}, { FORCE_COLOR: '1' }, true],
    ['a terminal, with FORCE_COLOR=0', terminal(), { FORCE_COLOR: '0' }, false],
  ])('%s', async (_title, stream, env: Record<string, string>, colored) => {
    const timeline = await recorded(restore);
    for (const name of ['NO_COLOR', 'FORCE_COLOR']) vi.stubEnv(name, env[name]);
    expect(timelineToText(timeline, { stream }).includes('\u001B')).toBe(colored);
    expect(timelineToText(timeline, { stream, color: !colored }).includes('\u001B')).toBe(!colored);
  });
});

describe('timelineToTraceEvents', () => {
  test('has a group for each root, and a begin with its end for each part', async () => {
    const { traceEvents, displayTimeUnit } = timelineToTraceEvents(await recorded(restore));
    expect(displayTimeUnit).toBe('ms');
    expect(traceEvents[0]).toEqual({
      name: 'process_name',
      cat: '__metadata',
      ph: 'M',
      ts: 0,
      pid: 1,
      tid: 1,
      args: { name: '"restore" #1' },
    });
    const slices = traceEvents.slice(1);
    const parts: unknown[] = [];
    for (const begin of slices.filter(({ ph }) => ph === 'b')) {
      const end = slices.find(({ ph, id, name }) => ph === 'e' && id === begin.id && name === begin.name);
      expect(end).toEqual({ ...begin, ph: 'e', ts: end?.ts });
      parts.push([begin.name, begin.ts, end?.ts]);
    }
    expect(parts).toEqual([
      ['"restore" #1', 0, 600_000],
      ['drain', 200_000, 600_000],
      ['"index" waits', 0, 300_000],
      ['"index"', 300_000, 500_000],
      ['"alarm" waits', 0, 500_000],
      ['task "files" #1', 100_000, 200_000],
      ['"times" waits', 100_000, 200_000],
      ['"times"', 200_000, 300_000],
      ['"audit" #2', 200_000, 200_000],
      ['drain', 200_000, 200_000],
      ['"note" → #1 waits', 200_000, 500_000],
      ['"note" → #1', 500_000, 500_000],
      ['"seal" → #1 waits', 200_000, 500_000],
      ['"seal" → #1', 500_000, 600_000],
    ]);
    expect(slices.at(-1)?.args).toEqual({ state: 'failed', reason: 'Error: disk is full' });
  });

  test('what begins last within another ends first, also at the same time', async () => {
    const { traceEvents } = timelineToTraceEvents(await recorded(restore));
    const open = new Map<unknown, string[]>();
    let depth = 0;
    // As who reads it has them: by time, and those of one time as they stand.
    for (const { ph, id, name, pid, ts } of traceEvents.toSorted((one, other) => one.ts - other.ts)) {
      expect(Number.isInteger(ts) && ts >= 0 && Number.isInteger(pid)).toBe(true);
      if (ph === 'M') continue;
      if (!open.has(id)) open.set(id, []);
      const names = open.get(id)!;
      if (ph === 'b') depth = Math.max(depth, names.push(name));
      else expect(names.pop()).toBe(name);
    }
    expect(depth).toBe(2);
    expect([...open.values()].flat()).toEqual([]);
  });
});
