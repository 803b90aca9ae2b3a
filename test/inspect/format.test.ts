import { describe, expect, test } from 'vitest';
import { format } from '../../src/observability/inspect/index.js';
import type { LiveOperation, LiveState, LiveWork } from '../../src/observability/inspect/index.js';

const work = (part: Partial<LiveWork>): LiveWork => ({
  name: null,
  task: null,
  state: part.runningMs === undefined ? 'queued' : 'running',
  ageMs: 5,
  runningMs: null,
  ...part,
});

const operation = (part: Partial<LiveOperation>): LiveOperation => ({
  id: 1,
  name: null,
  parent: null,
  state: 'open',
  ageMs: 0,
  counts: { tasks: part.tasks?.length ?? 0, queued: part.works?.length ?? 0, running: 0 },
  tasks: [],
  works: [],
  ...part,
});

const state = (operations: LiveOperation[], counts: Partial<LiveState['counts']> = {}): LiveState => ({
  counts: { operations: operations.length, tasks: 0, queued: 0, running: 0, ...counts },
  operations,
});

describe('format', () => {
  test('is a tree of operations with what belongs to each, and counts what is left out', () => {
    const text = format(
      state(
        [
          operation({
            id: 7,
            name: 'POST /orders',
            state: 'draining',
            ageMs: 12_345,
            counts: { tasks: 2, queued: 38, running: 1 },
            tasks: [{ id: 3, name: 'files', state: 'draining', ageMs: 61_000 }],
            works: [
              work({ name: 'receipt', runningMs: 8123, ageMs: 9000, trace: '    at one\n    at two' }),
              work({ task: { id: 3, name: null }, ageMs: 999 }),
            ],
          }),
          operation({ id: 8, parent: 7, ageMs: 7_500_000 }),
          operation({ id: 9, parent: 2, name: 'of one that is not listed' }),
        ],
        { operations: 4, tasks: 1, queued: 38, running: 1 },
      ),
    );
    expect(text).toBe(`4 operations, 1 task, 1 work item running, 38 queued
"POST /orders" #7, draining, 12.3 s old
  task "files" #3, draining, 1 min 1 s old
  and 1 more task
  work "receipt", running for 8.1 s, registered 9.0 s ago
    at one
    at two
  work (unnamed) of task #3, queued for 999 ms
  and 37 more work items
  #8, open, 2 h 5 min old
"of one that is not listed" #9, open, 0 ms old
and 1 more operation`);
  });

  test('says so where nothing is alive', () => {
    expect(format(state([]))).toBe('no operations');
  });

  test('keeps a name on its line, and a terminal as it is', () => {
    const name = 'a"\n\u001B[2J\u009B\u2028';
    const lines = format(state([operation({ name, works: [work({ name, trace: '    at \u001B' })] })])).split(
      '\n',
    );
    expect(lines.slice(1)).toEqual([
      String.raw`"a\"\n\u001b[2J\u009b\u2028" #1, open, 0 ms old`,
      String.raw`  work "a\"\n\u001b[2J\u009b\u2028", queued for 5 ms`,
      String.raw`    at \u001b`,
    ]);
  });

  test('tells an operation once, whatever the numbers say', () => {
    const twice = [operation({ id: 1, name: 'one' }), operation({ id: 1, parent: 1, name: 'two' })];
    expect(format(state(twice)).split('\n')).toEqual([
      '2 operations, 0 tasks, 0 work items running, 0 queued',
      '"one" #1, open, 0 ms old',
      '  "two" #1, open, 0 ms old',
    ]);
  });
});
