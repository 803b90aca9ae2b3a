import type { Timeline, TimelineWork } from '../../../src/observability/timeline/index.js';

/** A timeline of a second: one operation, in it as many operations as needed with 100 works each, every tenth of which failed. */
export const madeTimeline = (count: number): Timeline => {
  const batches = Math.ceil(count / 100);
  const settled = { status: 'fulfilled' } as const;
  const operations = Array.from({ length: batches + 1 }, (_, index) => ({
    id: index + 1,
    name: index === 0 ? 'import' : `batch ${index}`,
    parent: index === 0 ? null : 1,
    opened: index === 0 ? 0 : ((index - 1) / batches) * 800,
    boundary: index === 0 ? 900 : ((index - 1) / batches) * 800 + 50,
    closed: index === 0 ? 1000 : ((index - 1) / batches) * 800 + 150,
    outcome: settled,
  }));
  const works = Array.from({ length: count }, (_, index): TimelineWork => {
    const { id, boundary } = operations[Math.floor(index / 100) + 1]!;
    const failed = index % 10 === 9;
    return {
      name: `work ${index + 1}`,
      registeredIn: id,
      operation: id,
      task: null,
      registered: boundary - 50 + (index % 100) / 2,
      started: boundary + (index % 100),
      ended: boundary + (index % 100) + 1,
      state: failed ? 'failed' : 'ran',
      ...(failed && {
        reason: `Error: row ${index + 1}`,
        trace: 'Error\n    at load (/srv/app/load.js:12:3)',
      }),
    };
  });
  const startedAt = '2026-01-01T00:00:00.000Z';
  return { version: 1, startedAt, duration: 1000, operations, tasks: [], works, dropped: 0 };
};
