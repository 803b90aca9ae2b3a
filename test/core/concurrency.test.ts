import { AsyncLocalStorage } from 'node:async_hooks';
import PQueue9 from 'p-queue';
import PQueue10 from 'p-queue-10';
import {
  createRuntime,
  currentOperation,
  currentTask,
  defer,
  flush,
  settleOperation,
  use,
  withOperation,
  withTask,
} from 'deferqueue';
import type { Deferred, JobQueue, OperationOptions } from 'deferqueue';
import { afterEach, describe, expect, test } from 'vitest';
import { gate, turn } from '../support/gate.js';
import type { Gate } from '../support/gate.js';
import { busy } from '../support/time-of-drains.js';

/** Until nothing goes on any more: a drain may let the event loop turn between two works (G10). */
const rest = async (): Promise<void> => {
  for (let turns = 0; turns < 3; turns++) await turn();
};

/** Works that wait for gates, with a log of what has started and what runs. */
class Works {
  readonly log: string[] = [];
  readonly running = new Set<string>();
  most = 0;
  readonly #gates = new Map<string, Gate<unknown>>();

  work = (name: string, then?: () => unknown) => async (): Promise<void> => {
    this.log.push(name);
    this.running.add(name);
    this.most = Math.max(this.most, this.running.size);
    const gated = gate<unknown>();
    this.#gates.set(name, gated);
    try {
      await gated.passed;
      await then?.();
    } finally {
      this.running.delete(name);
    }
  };

  defer(name: string, options: object = {}, then?: () => unknown): void {
    defer(this.work(name, then), { name, ...options });
  }

  get now(): string[] {
    return [...this.running];
  }

  async end(...names: string[]): Promise<void> {
    for (const name of names) this.#gates.get(name)?.open(undefined);
    await rest();
  }

  async fail(name: string): Promise<void> {
    this.#gates.get(name)?.fail(new Error(`${name} failed`));
    await rest();
  }
}

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

describe('G11 concurrency', () => {
  test('at most so many works run at once, and they start in order', async () => {
    const works = new Works();
    const operation = withOperation({ concurrency: 3 }, () => {
      for (const name of names('w', 6)) works.defer(name);
    });
    await rest();
    expect(works.now).toEqual(['w1', 'w2', 'w3']);
    await works.end('w2');
    expect(works.now).toEqual(['w1', 'w3', 'w4']);
    await works.end('w4', 'w1');
    expect(works.now).toEqual(['w3', 'w5', 'w6']);
    await works.end('w3', 'w5', 'w6');
    await operation;
    expect(works.log).toEqual(names('w', 6));
    expect(works.most).toBe(3);
  });

  test('in a lifo queue the newest work starts first', async () => {
    const works = new Works();
    const operation = withOperation({ concurrency: 2, order: 'lifo' }, () => {
      for (const name of names('w', 4)) works.defer(name);
    });
    await rest();
    await works.end('w4', 'w3', 'w2', 'w1');
    await works.end('w2', 'w1');
    await operation;
    expect(works.log).toEqual(['w4', 'w3', 'w2', 'w1']);
  });

  test('without a limit every ready work has started within the turn of the boundary', async () => {
    const works = new Works();
    const body = gate();
    let started = -1;
    const operation = withOperation({ concurrency: Infinity }, async () => {
      for (const name of names('w', 500)) works.defer(name);
      await body.passed;
      setImmediate(() => (started = works.now.length));
    });
    body.open();
    await rest();
    expect(started).toBe(500);
    await works.end(...names('w', 500));
    await operation;
  });

  test('with a boundary at once, without a limit, the works start before withOperation returns', async () => {
    const works = new Works();
    const operation = withOperation({ concurrency: Infinity }, () => {
      works.defer('w1');
      works.defer('w2');
    });
    expect(works.now).toEqual(['w1', 'w2']);
    await works.end('w1', 'w2');
    await operation;
  });

  test('works that return no promise run in order, too', async () => {
    const log: number[] = [];
    await withOperation({ concurrency: 4 }, () => {
      for (let index = 0; index < 100; index++) defer(() => void log.push(index));
    });
    expect(log).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  test("a task's works do not overlap, and a busy task does not hold back another one's", async () => {
    const works = new Works();
    const operation = withOperation({ concurrency: 3 }, async () => {
      await withTask('a', () => names('a', 3).forEach((name) => works.defer(name)));
      await withTask('b', () => names('b', 2).forEach((name) => works.defer(name)));
    });
    await rest();
    expect(works.now).toEqual(['a1', 'b1']);
    await works.end('b1');
    expect(works.now).toEqual(['a1', 'b2']);
    await works.end('b2');
    expect(works.now).toEqual(['a1']);
    await works.end('a1');
    await works.end('a2');
    await works.end('a3');
    await operation;
    expect(works.log).toEqual(['a1', 'b1', 'b2', 'a2', 'a3']);
  });

  test("a task's own concurrency lets its works overlap, within the operation's", async () => {
    const works = new Works();
    const operation = withOperation({ concurrency: 3 }, async () => {
      await withTask({ name: 'a', concurrency: 2 }, () => names('a', 3).forEach((name) => works.defer(name)));
      await withTask({ name: 'b', concurrency: Infinity }, () =>
        names('b', 3).forEach((name) => works.defer(name)),
      );
    });
    await rest();
    expect(works.now).toEqual(['a1', 'a2', 'b1']);
    await works.end('b1');
    expect(works.now).toEqual(['a1', 'a2', 'b2']);
    await works.end('a1');
    expect(works.now).toEqual(['a2', 'b2', 'a3']);
    await works.end('a2', 'b2', 'a3');
    await works.end('b3');
    await operation;
  });

  test("a task's concurrency does not exceed that of an operation that runs one at a time", async () => {
    const works = new Works();
    const operation = withOperation(() =>
      withTask({ concurrency: 5 }, () => {
        works.defer('end1', { until: 'task' });
        works.defer('end2', { until: 'task' });
        works.defer('w1');
        works.defer('w2');
      }),
    );
    await rest();
    for (const name of ['end1', 'end2', 'w1', 'w2']) {
      expect(works.now).toEqual([name]);
      await works.end(name);
    }
    await operation;
    expect(works.most).toBe(1);
  });

  test('the phases do not overlap: tasks, then the operation, then resources one by one', async () => {
    const works = new Works();
    const operation = withOperation({ concurrency: 5 }, async () => {
      for (const name of ['r1', 'r2']) use({ [Symbol.asyncDispose]: works.work(name) });
      works.defer('own1');
      works.defer('own2');
      await withTask('a', () => works.defer('a1'));
      await withTask('b', () => works.defer('b1'));
    });
    await rest();
    expect(works.now).toEqual(['a1', 'b1']);
    await works.end('b1');
    expect(works.now).toEqual(['a1']);
    await works.end('a1');
    expect(works.now).toEqual(['own1', 'own2']);
    await works.end('own1');
    expect(works.now).toEqual(['own2']);
    await works.end('own2');
    expect(works.now).toEqual(['r2']);
    await works.end('r2');
    expect(works.now).toEqual(['r1']);
    await works.end('r1');
    await operation;
  });

  test('a task queue that fills again stops the own queue, and is served when that one has come to rest', async () => {
    const works = new Works();
    const operation = withOperation({ concurrency: 2 }, async () => {
      const task = await withTask('a', (it) => it);
      works.defer('own1');
      works.defer('own2', {}, () => works.defer('a1', { task }));
      works.defer('own3');
    });
    await rest();
    await works.end('own2');
    // There is room for own3, which has to wait for a1; that one waits for own1.
    expect(works.now).toEqual(['own1']);
    await works.end('own1');
    expect(works.now).toEqual(['a1']);
    await works.end('a1');
    expect(works.now).toEqual(['own3']);
    await works.end('own3');
    await operation;
  });

  test('a work that is added while the drain runs starts as soon as there is room, not inside defer', async () => {
    const works = new Works();
    let startedInside = true;
    const operation = withOperation({ concurrency: 2 }, () => {
      defer(async () => {
        works.defer('added');
        startedInside = works.now.includes('added');
        await works.work('w1')();
      });
    });
    await rest();
    expect(startedInside).toBe(false);
    expect(works.now).toEqual(['w1', 'added']);
    await works.end('w1', 'added');
    await operation;
  });

  test('a failing work stops no other work and is no unhandled rejection', async () => {
    const works = new Works();
    const operation = settleOperation({ concurrency: 2, workErrors: 'report', onWorkError: () => {} }, () => {
      for (const name of names('w', 3)) works.defer(name);
      defer(() => {
        throw new Error('at once');
      });
    });
    await rest();
    await works.fail('w1');
    await works.fail('w2');
    await works.end('w3');
    const { report } = await operation;
    expect(report.counts).toMatchObject({ ran: 1, failed: 3 });
    await turn();
  });

  test('a work that waits for room can be cancelled', async () => {
    const works = new Works();
    const operation = settleOperation({ concurrency: 2 }, () => {
      const handles: Deferred[] = [];
      works.defer('w1');
      works.defer('w2', {}, () => handles[0]?.cancel());
      handles.push(defer(works.work('w3')));
      works.defer('w4');
    });
    await rest();
    await works.end('w2');
    expect(works.now).toEqual(['w1', 'w4']);
    await works.end('w1', 'w4');
    expect((await operation).report.counts).toMatchObject({ ran: 3, cancelled: 1 });
  });

  test('a skipped work takes a place as long as its discard runs', async () => {
    const works = new Works();
    const operation = withOperation({ concurrency: 2 }, () => {
      defer(() => {}, { on: 'failure', discard: works.work('discard1') });
      defer(() => {}, { on: 'failure' });
      works.defer('w1');
      works.defer('w2');
    });
    await rest();
    expect(works.now).toEqual(['discard1', 'w1']);
    await works.end('discard1');
    expect(works.now).toEqual(['w1', 'w2']);
    await works.end('w1', 'w2');
    await operation;
  });

  test('what a work sees is its own: context, operation and task', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: string[] = [];
    await withOperation({ name: 'op', concurrency: 3 }, async () => {
      for (const name of names('w', 5)) {
        await withTask(name, () => {
          storage.run(name, () =>
            defer(async () => {
              await turn();
              seen.push(`${storage.getStore()} ${currentOperation()?.name} ${currentTask()?.name}`);
            }),
          );
        });
      }
    });
    expect(seen.toSorted()).toEqual(names('w', 5).map((name) => `${name} op ${name}`));
  });

  test('onWorkError is called in the context of the work that failed', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    await storage.run('request', () =>
      withOperation(
        { concurrency: 2, workErrors: 'report', onWorkError: () => void seen.push(storage.getStore()) },
        () => {
          storage.run('work', () => defer(() => Promise.reject(new Error('async'))));
          storage.run('work', () =>
            defer(() => {
              throw new Error('sync');
            }),
          );
        },
      ),
    );
    expect(seen).toEqual(['work', 'work']);
  });

  test("works until 'task' run as many at once as task and operation allow", async () => {
    const works = new Works();
    const operation = withOperation({ concurrency: 3 }, async () => {
      const wide = withTask({ concurrency: 10 }, () =>
        names('a', 4).forEach((name) => works.defer(name, { until: 'task' })),
      );
      const narrow = withTask('narrow', () =>
        names('b', 2).forEach((name) => works.defer(name, { until: 'task' })),
      );
      await Promise.all([wide, narrow]);
    });
    await rest();
    expect(works.now).toEqual(['a1', 'a2', 'a3', 'b1']);
    await works.end('a2', 'b1');
    expect(works.now.toSorted()).toEqual(['a1', 'a3', 'a4', 'b2']);
    await works.end('a1', 'a3', 'a4', 'b2');
    await operation;
  });

  test('a flush runs as many at once as the operation allows, and what its works add', async () => {
    const works = new Works();
    const operation = withOperation({ concurrency: 2 }, async () => {
      works.defer('w1', {}, () => works.defer('w4'));
      works.defer('w2');
      works.defer('w3');
      return flush();
    });
    await rest();
    expect(works.now).toEqual(['w1', 'w2']);
    await works.end('w1');
    expect(works.now).toEqual(['w2', 'w3']);
    await works.end('w2', 'w3');
    expect(works.now).toEqual(['w4']);
    await works.end('w4');
    expect(await operation).toBe(4);
  });

  test('a flush is refused while a work of that queue runs', async () => {
    const errors: unknown[] = [];
    const options: OperationOptions = {
      concurrency: 2,
      workErrors: 'report',
      onWorkError: (error) => errors.push(error),
    };
    const later = (): Promise<number> => turn().then(() => flush());
    await withOperation(options, async () => {
      defer(() => flush());
      defer(later);
      await withTask('task', () => {
        defer(() => flush());
        defer(later);
      });
    });
    expect(errors.map((error) => (error as { code: string }).code)).toEqual(
      Array(4).fill('ERR_DEFERQUEUE_DRAIN_IN_PROGRESS'),
    );
  });

  test('what a flush leaves in the queue of a task is served when it has ended', async () => {
    const works = new Works();
    const log: string[] = [];
    const operation = withOperation({ concurrency: 2 }, () => {
      defer(() =>
        withTask('task', async () => {
          works.defer('flushed');
          defer(() => void log.push('conditional'), { on: 'success' });
          await flush();
          log.push('flushed');
        }),
      );
    });
    await rest();
    expect(works.now).toEqual(['flushed']);
    await works.end('flushed');
    await operation;
    expect(log).toEqual(['flushed', 'conditional']);
  });

  test('a flush that has ended is not kept', async () => {
    await withOperation(async (operation) => {
      const { nestedDrains } = operation as unknown as { nestedDrains: ReadonlySet<unknown> };
      for (let times = 0; times < 10; times++) {
        defer(() => turn());
        await flush();
      }
      expect(nestedDrains.size).toBe(0);
    });
  });

  test('a flush that holds the event loop lets it turn', async () => {
    let turned = false;
    let turnedInTime = false;
    setImmediate(() => (turned = true));
    const work = (): void => {
      busy(4);
      turnedInTime ||= turned;
    };
    for (const options of [{}, { concurrency: 2 }]) {
      turned = turnedInTime = false;
      setImmediate(() => (turned = true));
      await withOperation(options, async () => {
        for (let index = 0; index < 20; index++) defer(work);
        await flush();
      });
      expect(turnedInTime).toBe(true);
    }
  });

  test('chains of works are bounded at any concurrency', async () => {
    let depth = 0;
    const again = (): void => {
      depth++;
      defer(again);
    };
    await expect(
      withOperation({ concurrency: 4, maxChain: 20 }, () => {
        defer(() => turn());
        defer(again);
      }),
    ).rejects.toMatchObject({ errors: [{ code: 'ERR_DEFERQUEUE_DEFER_CHAIN' }] });
    expect(depth).toBe(20);
  });

  test('many works that run at once and defer side by side are no chain', async () => {
    let ran = 0;
    await withOperation({ concurrency: 8, maxChain: 2 }, () => {
      for (let index = 0; index < 50; index++) {
        defer(async () => {
          await turn();
          defer(() => void ran++);
        });
      }
    });
    expect(ran).toBe(50);
  });

  test('what a disposer defers keeps to the limit, while the disposer runs and after it', async () => {
    const works = new Works();
    const dispose = async (): Promise<void> => {
      for (const name of names('w', 4)) works.defer(name);
      await Promise.resolve();
    };
    const operation = withOperation({ concurrency: 2 }, () => void use({ [Symbol.asyncDispose]: dispose }));
    await rest();
    expect(works.now).toEqual(['w1', 'w2']);
    await works.end('w1', 'w2');
    await works.end('w3', 'w4');
    await operation;
    expect(works.most).toBe(2);
  });

  test.each([
    ['Infinity', () => Infinity],
    ['a queue of p-queue 9 without one', () => new PQueue9()],
    ['a queue of p-queue 10 without one', () => new PQueue10()],
  ])(
    'with %s for a limit, works that are ready start in one turn, however long that takes',
    async (_what, limit) => {
      let started = 0;
      let inOneTurn = 0;
      const work = async (): Promise<void> => {
        started++;
        busy(4);
        await turn();
      };
      await withOperation({ concurrency: limit() }, () => {
        for (let index = 0; index < 10; index++) defer(work);
        setImmediate(() => (inOneTurn = started));
      });
      expect(inOneTurn).toBe(10);
    },
  );

  test('a drain that holds the event loop lets it turn', async () => {
    let turns = 0;
    let over = false;
    const count = (): void => {
      turns++;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    await withOperation({ concurrency: 3 }, () => {
      for (let index = 0; index < 20; index++) defer(() => busy(4));
    });
    over = true;
    expect(turns).toBeGreaterThan(2);
  });

  test('without a limit a drain still lets the loop turn between works that become ready later', async () => {
    let turned = false;
    let links = 0;
    const link = async (): Promise<void> => {
      await Promise.resolve();
      links++;
      busy(1);
      if (!turned && links < 100) defer(link);
    };
    setImmediate(() => void (turned = true));
    await withOperation({ concurrency: Infinity, maxChain: Infinity }, () => void defer(link));
    expect(turned).toBe(true);
    expect(links).toBeGreaterThan(1);
    expect(links).toBeLessThan(100);
  });
});

interface TestQueue extends JobQueue {
  concurrency: number;
  start(): unknown;
  pause(): void;
  clear(): void;
  onIdle(): Promise<void>;
}

const QUEUES: [string, new (options: object) => TestQueue][] = [
  ['p-queue 9', PQueue9],
  ['p-queue 10', PQueue10],
];

describe.each(QUEUES)("G11 a queue of the user's, of %s", (_name, Queue) => {
  const warnings: { code?: string; message: string }[] = [];
  const listen = (): void => {
    warnings.length = 0;
    process.on('warning', hear);
  };
  const hear = (warning: Error & { code?: string }): void => {
    if (warning.name === 'DeferqueueWarning') warnings.push(warning);
  };
  afterEach(() => void process.off('warning', hear));

  test('its concurrency bounds the works of all operations that share it', async () => {
    const queue = new Queue({ concurrency: 2 });
    const works = new Works();
    const open = (prefix: string): Promise<void> =>
      withOperation({ concurrency: queue }, () => {
        for (const name of names(prefix, 3)) works.defer(name);
      });
    const operations = [open('a'), open('b')];
    await rest();
    expect(works.now).toEqual(['a1', 'a2']);
    await works.end('a1', 'a2');
    await works.end(...names('a', 3), ...names('b', 3));
    await works.end(...names('a', 3), ...names('b', 3));
    await works.end(...names('a', 3), ...names('b', 3));
    await Promise.all(operations);
    expect(works.most).toBe(2);
    expect(works.log.filter((name) => name.startsWith('a'))).toEqual(names('a', 3));
    expect(works.log.filter((name) => name.startsWith('b'))).toEqual(names('b', 3));
  });

  test('operations that share it take turns', async () => {
    const queue = new Queue({ concurrency: 1 });
    const works = new Works();
    const open = (prefix: string): Promise<void> =>
      withOperation({ concurrency: queue }, () => {
        for (const name of names(prefix, 3)) works.defer(name);
      });
    const operations = [open('a'), open('b')];
    await rest();
    for (let step = 0; step < 6; step++) await works.end(...works.now);
    await Promise.all(operations);
    // The second work of a waits in the queue already when b comes to its boundary.
    expect(works.log).toEqual(['a1', 'a2', 'b1', 'a3', 'b2', 'b3']);
  });

  test('works keep the context of their defer call, whoever makes room for them', async () => {
    const queue = new Queue({ concurrency: 1 });
    const storage = new AsyncLocalStorage<string>();
    const seen: string[] = [];
    const heard: unknown[] = [];
    const open = (name: string): Promise<void> =>
      storage.run(name, () =>
        withOperation(
          {
            name,
            concurrency: queue,
            workErrors: 'report',
            onWorkError: () => void heard.push(storage.getStore()),
          },
          () => {
            for (const index of [1, 2, 3]) {
              storage.run(`${name}${index}`, () =>
                defer(async () => {
                  await turn();
                  seen.push(`${storage.getStore()} in ${currentOperation()?.name}`);
                  if (index === 2) throw new Error('no');
                }),
              );
            }
          },
        ),
      );
    await Promise.all([open('a'), open('b')]);
    expect(seen.toSorted()).toEqual(['a1 in a', 'a2 in a', 'a3 in a', 'b1 in b', 'b2 in b', 'b3 in b']);
    expect(heard).toEqual(['a2', 'b2']);
  });

  test('onIdle waits for the works', async () => {
    const queue = new Queue({ concurrency: 2 });
    const works = new Works();
    let idle = false;
    const operation = settleOperation({ concurrency: queue }, () =>
      names('w', 3).forEach((name) => works.defer(name)),
    );
    await rest();
    void queue.onIdle().then(() => (idle = true));
    await works.end('w1', 'w2');
    expect(idle).toBe(false);
    await works.fail('w3');
    expect((await operation).report.counts).toMatchObject({ ran: 2, failed: 1 });
    await turn();
    expect(idle).toBe(true);
  });

  test('jobs of others in the queue and works of a drain wait for one another', async () => {
    const queue = new Queue({ concurrency: 1 });
    const works = new Works();
    const other = queue.add(works.work('other'));
    const operation = withOperation({ concurrency: queue }, () =>
      names('w', 2).forEach((name) => works.defer(name)),
    );
    await rest();
    expect(works.now).toEqual(['other']);
    await works.end('other');
    expect(works.now).toEqual(['w1']);
    await works.end('w1');
    await works.end('w2');
    await Promise.all([other, operation]);
  });

  test('cancel works until the job has started', async () => {
    const queue = new Queue({ concurrency: 1 });
    const works = new Works();
    const other = queue.add(works.work('other'));
    let cancelled: boolean | undefined;
    const operation = settleOperation({ concurrency: queue }, () => {
      const first = defer(works.work('w1'));
      works.defer('w2');
      void turn().then(() => (cancelled = first.cancel()));
    });
    await rest();
    await rest();
    expect(cancelled).toBe(true);
    await works.end('other');
    expect(works.now).toEqual(['w2']);
    await works.end('w2');
    await other;
    expect((await operation).report.counts).toMatchObject({ ran: 1, cancelled: 1 });
  });

  test('a drain all of whose works are cancelled does not wait for the queue', async () => {
    const queue = new Queue({ concurrency: 1 });
    const works = new Works();
    const other = queue.add(works.work('other'));
    const handles: { cancel(): boolean }[] = [];
    const operation = settleOperation({ concurrency: queue }, () => {
      use({ [Symbol.dispose]: () => void works.log.push('disposed') });
      handles.push(defer(works.work('w1')), defer(works.work('w2')));
    });
    await rest();
    for (const handle of handles) expect(handle.cancel()).toBe(true);
    expect((await operation).report.counts.cancelled).toBe(2);
    expect(works.log).toEqual(['other', 'disposed']);
    await works.end('other');
    await other;
  });

  test('a rate limit holds for the works, and no work is lost', async () => {
    const queue = new Queue({ interval: 20, intervalCap: 3 });
    let ran = 0;
    const open = (): Promise<void> =>
      withOperation({ concurrency: queue }, () => {
        for (let index = 0; index < 4; index++) defer(() => void ran++);
      });
    const operations = [open(), open()];
    expect(ran).toBeLessThanOrEqual(3);
    await Promise.all(operations);
    expect(ran).toBe(8);
  });

  test('while it is paused the drain waits, and says so once', async () => {
    listen();
    const queue = new Queue({ concurrency: 2, autoStart: false });
    const works = new Works();
    const operation = withOperation({ name: 'import', concurrency: queue }, () =>
      names('w', 3).forEach((name) => works.defer(name)),
    );
    await turn();
    expect(works.now).toEqual([]);
    expect(warnings).toMatchObject([{ code: 'DEFERQUEUE_QUEUE_PAUSED' }]);
    expect(warnings[0]?.message).toContain('operation "import"');
    queue.start();
    await rest();
    expect(works.now).toEqual(['w1', 'w2']);
    await works.end('w1', 'w2');
    await works.end('w3');
    await operation;
    expect(warnings).toHaveLength(1);
  });

  test('a pause in the midst of a drain is told, too', async () => {
    listen();
    const queue = new Queue({ concurrency: 1 });
    const works = new Works();
    const operation = withOperation({ concurrency: queue }, () =>
      names('w', 2).forEach((name) => works.defer(name)),
    );
    await rest();
    queue.pause();
    await works.end('w1');
    await turn();
    expect(works.now).toEqual([]);
    expect(warnings).toMatchObject([{ code: 'DEFERQUEUE_QUEUE_PAUSED' }]);
    queue.start();
    await rest();
    await works.end('w2');
    await operation;
  });

  test('when it is cleared no work is lost', async () => {
    listen();
    const queue = new Queue({ concurrency: 1 });
    const works = new Works();
    const other = queue.add(works.work('other'));
    const operation = settleOperation({ concurrency: queue }, () =>
      names('w', 3).forEach((name) => works.defer(name)),
    );
    await rest();
    queue.clear();
    await rest();
    await works.end('other');
    await other;
    await works.end('w1');
    queue.clear();
    queue.clear();
    await works.end('w1', 'w2');
    await works.end('w3');
    expect((await operation).report.counts.ran).toBe(3);
    expect(works.most).toBe(1);
    await turn();
    expect(warnings).toEqual([]);
  });

  test('when it is cleared, those that wait are told, also after another has ceased to wait', async () => {
    listen();
    const queue = new Queue({ concurrency: 1 });
    const works = new Works();
    const other = queue.add(works.work('other'));
    const [first, second, third] = ['w1', 'w2', 'w3'].map((name) => {
      let deferred!: Deferred;
      const settled = settleOperation({ concurrency: queue }, () => {
        deferred = defer(works.work(name));
      });
      return { settled, cancel: () => deferred.cancel() };
    });
    await rest();
    expect(second?.cancel()).toBe(true);
    await rest();
    queue.clear();
    await works.end('other');
    await other;
    await works.end('w1');
    await works.end('w3');
    for (const { settled } of [first!, third!]) expect((await settled).report.counts.ran).toBe(1);
    expect((await second!.settled).report.counts.cancelled).toBe(1);
  });

  test('when nothing waits for it, nothing of ours listens to it', async () => {
    const queue = new Queue({ concurrency: 1 });
    const listening = new Map<string, number>();
    const count = (name: 'on' | 'off' | 'addEventListener' | 'removeEventListener', step: number): void => {
      const target = queue as unknown as Record<
        string,
        ((event: string, ...rest: unknown[]) => unknown) | undefined
      >;
      const original = target[name]?.bind(queue);
      if (original === undefined) return;
      target[name] = (event, ...others) => {
        listening.set(event, (listening.get(event) ?? 0) + step);
        return original(event, ...others);
      };
    };
    for (const name of ['on', 'addEventListener'] as const) count(name, 1);
    for (const name of ['off', 'removeEventListener'] as const) count(name, -1);
    const works = new Works();
    const operations = ['w1', 'w2', 'w3'].map((name) =>
      withOperation({ concurrency: queue }, () => works.defer(name)),
    );
    await rest();
    expect(Math.max(...listening.values())).toBe(1);
    for (const name of names('w', 3)) await works.end(name);
    await Promise.all(operations);
    expect([...new Set(listening.values())]).toEqual([0]);
  });

  test('when it is cleared while it is paused no work is lost', async () => {
    listen();
    const queue = new Queue({ concurrency: 1, autoStart: false });
    const works = new Works();
    const operation = settleOperation({ concurrency: queue }, () =>
      names('w', 2).forEach((name) => works.defer(name)),
    );
    await rest();
    queue.clear();
    queue.start();
    await rest();
    await works.end('w1');
    await works.end('w2');
    expect((await operation).report.counts.ran).toBe(2);
  });

  test('a flush and the end of a task keep to the limit of the task in a queue with more room', async () => {
    const queue = new Queue({ concurrency: 5 });
    const works = new Works();
    const operation = withOperation({ concurrency: queue }, () =>
      withTask({ concurrency: 2 }, async () => {
        for (const name of names('f', 3)) works.defer(name);
        await flush();
        for (const name of names('e', 3)) works.defer(name, { until: 'task' });
      }),
    );
    await rest();
    expect(works.now).toEqual(['f1', 'f2']);
    await works.end('f1');
    expect(works.now).toEqual(['f2', 'f3']);
    await works.end('f2', 'f3');
    expect(works.now).toEqual(['e1', 'e2']);
    await works.end('e1', 'e2');
    await works.end('e3');
    await operation;
    expect(works.most).toBe(2);
  });

  test('a flush and the end of a task inside a work use the place of that work', async () => {
    const queue = new Queue({ concurrency: 1 });
    const log: string[] = [];
    await withOperation({ concurrency: queue }, () => {
      defer(async () => {
        await withTask('inner', async () => {
          defer(() => void log.push('end'), { until: 'task' });
          defer(async () => {
            await turn();
            log.push('flushed');
          });
          log.push(`flushed ${await flush()}`);
        });
        log.push('work');
      });
    });
    expect(log).toEqual(['flushed', 'flushed 1', 'end', 'work']);
  });

  test('works of a flush and of the end of a task outside any work go through it', async () => {
    const queue = new Queue({ concurrency: 1 });
    const works = new Works();
    const other = queue.add(works.work('other'));
    const operation = withOperation({ concurrency: queue }, async () => {
      works.defer('own');
      await flush();
      await withTask('task', () => works.defer('end', { until: 'task' }));
    });
    await rest();
    expect(works.now).toEqual(['other']);
    await works.end('other');
    expect(works.now).toEqual(['own']);
    await works.end('own');
    expect(works.now).toEqual(['end']);
    await works.end('end');
    await Promise.all([other, operation]);
  });

  test('so they do in a work that opens an operation of its own around them', async () => {
    const queue = new Queue({ concurrency: 1 });
    const log: string[] = [];
    await withOperation({ concurrency: queue }, async (outer) => {
      outer.defer(() =>
        withOperation('inner', async () => {
          await outer.run(() => withTask('task', () => defer(() => void log.push('end'), { until: 'task' })));
          log.push('inner');
        }),
      );
      await withTask('task', () => {
        outer.defer(() => void log.push('flushed'));
        defer(async () => log.push(`flushed ${await outer.flush()}`));
      });
    });
    expect(log).toEqual(['end', 'inner', 'flushed', 'flushed 2']);
  });

  test('in a work they use its place one after the other', async () => {
    const queue = new Queue({ concurrency: 1 });
    const works = new Works();
    const operation = withOperation({ concurrency: queue }, () => {
      defer(() =>
        Promise.all(
          names('end', 3).map((name) => withTask(name, () => works.defer(name, { until: 'task' }))),
        ),
      );
    });
    for (const name of names('end', 3)) {
      await rest();
      expect(works.now).toEqual([name]);
      await works.end(name);
    }
    await operation;
  });

  test('a flush in a disposer, or in the discard of a cancelled work, has no place to use', async () => {
    const queue = new Queue({ concurrency: 1 });
    const works = new Works();
    const other = queue.add(works.work('other'));
    const operation = withOperation({ concurrency: queue }, () => {
      defer(() => {}, {
        discard: () =>
          withTask('discard', async () => {
            works.defer('discarded');
            await flush();
          }),
      }).cancel();
      use({
        [Symbol.asyncDispose]: () =>
          withTask('disposer', async () => {
            works.defer('disposed');
            await flush();
          }),
      });
    });
    await rest();
    expect(works.now).toEqual(['other']);
    await works.end('other');
    expect(works.now).toEqual(['discarded']);
    await works.end('discarded');
    expect(works.now).toEqual(['disposed']);
    await works.end('disposed');
    await Promise.all([operation, other]);
  });

  test('a drain with nothing left but works to skip does not wait for the queue', async () => {
    const queue = new Queue({ concurrency: 1 });
    const works = new Works();
    const other = queue.add(works.work('other'));
    const handles: Deferred[] = [];
    const operation = settleOperation({ concurrency: queue }, () => {
      handles.push(defer(works.work('w1')));
      defer(() => {}, { on: 'failure' });
    });
    await rest();
    handles[0]?.cancel();
    expect((await operation).report.counts).toMatchObject({ cancelled: 1, skipped: 1 });
    await works.end('other');
    await other;
  });

  test('a work that runs outside any operation does not wait for it', async () => {
    const queue = new Queue({ concurrency: 1 });
    const works = new Works();
    const other = queue.add(works.work('other'));
    const runtime = createRuntime({ defaults: { concurrency: queue } });
    let entered = false;
    runtime.defer(() => void (entered = true), { outside: 'run' });
    expect(entered).toBe(true);
    await works.end('other');
    await other;
  });

  test('operations of two runtimes may share it', async () => {
    const queue = new Queue({ concurrency: 1 });
    const works = new Works();
    const operations = [createRuntime(), createRuntime()].map(
      ({ defer: later, withOperation: open }, index) =>
        open({ concurrency: queue }, () => {
          later(works.work(`${index} a`));
          later(works.work(`${index} b`));
        }),
    );
    for (let step = 0; step < 4; step++) {
      await rest();
      await works.end(...works.now);
    }
    await Promise.all(operations);
    expect(works.most).toBe(1);
    expect(works.log.toSorted()).toEqual(['0 a', '0 b', '1 a', '1 b']);
  });

  test('its concurrency may change while a drain goes on', async () => {
    const queue = new Queue({ concurrency: 1 });
    const works = new Works();
    const operation = withOperation({ concurrency: queue }, () =>
      names('w', 4).forEach((name) => works.defer(name)),
    );
    await rest();
    expect(works.now).toEqual(['w1']);
    queue.concurrency = 3;
    await rest();
    expect(works.now).toEqual(['w1', 'w2', 'w3']);
    await works.end('w1', 'w2', 'w3');
    await works.end('w4');
    await operation;
  });

  test('resources do not go through it', async () => {
    const queue = new Queue({ concurrency: 1 });
    const works = new Works();
    const other = queue.add(works.work('other'));
    let disposed = false;
    await withOperation({ concurrency: queue }, () => {
      use({ [Symbol.dispose]: () => void (disposed = true) });
    });
    expect(disposed).toBe(true);
    await works.end('other');
    await other;
  });

  test('its timeout is that of works that have none', async () => {
    const queue = new Queue({ concurrency: 1, timeout: 20 });
    const { report } = await settleOperation({ concurrency: queue, report: 'full' }, () => {
      defer(() => new Promise(() => {}), { name: 'stuck' });
      defer(() => turn(), { name: 'next', timeout: Infinity });
      defer(
        () =>
          withTask('inner', async () => {
            defer(() => new Promise(() => {}), { name: 'flushed' });
            await flush();
          }),
        { name: 'flushes', timeout: Infinity },
      );
    });
    expect(report.works).toMatchObject([
      { name: 'stuck', state: 'timed-out', reason: { code: 'ERR_DEFERQUEUE_WORK_TIMEOUT', timeout: 20 } },
      { name: 'next', state: 'ran' },
      { name: 'flushed', state: 'timed-out' },
      { name: 'flushes', state: 'ran' },
    ]);
  });

  test('its timeout is that of works without any options, too', async () => {
    const queue = new Queue({ concurrency: 1, timeout: 20 });
    const { report } = await settleOperation({ concurrency: queue, report: 'full' }, () => {
      defer(() => new Promise(() => {}));
      defer(() => {});
    });
    expect(report.works).toMatchObject([
      { state: 'timed-out', reason: { code: 'ERR_DEFERQUEUE_WORK_TIMEOUT', timeout: 20 } },
      { state: 'ran' },
    ]);
  });

  test.each([
    ['rejects', () => Promise.reject(new Error('closed for today'))],
    [
      'throws',
      () => {
        throw new Error('closed for today');
      },
    ],
  ])('where it %s no work is lost, and one runs at a time', async (_what, add) => {
    listen();
    const queue = new Queue({ concurrency: 3 });
    queue.add = add;
    const works = new Works();
    const operation = withOperation({ name: 'import', concurrency: queue }, () =>
      names('w', 3).forEach((name) => works.defer(name)),
    );
    for (const name of names('w', 3)) {
      await rest();
      expect(works.now).toEqual([name]);
      await works.end(name);
    }
    await operation;
    expect(warnings).toMatchObject([
      { code: 'DEFERQUEUE_QUEUE_REFUSED', cause: new Error('closed for today') },
    ]);
    expect(warnings[0]?.message).toContain('operation "import"');
  });

  test('many drains that wait for it while it is paused are told of once', async () => {
    listen();
    const queue = new Queue({ concurrency: 1, autoStart: false });
    let ran = 0;
    const open = (): Promise<void> =>
      withOperation({ concurrency: queue }, () => void defer(() => void ran++));
    const operations = [open(), open(), open()];
    await rest();
    expect(warnings).toHaveLength(1);
    queue.start();
    await Promise.all(operations);
    queue.pause();
    const again = open();
    await rest();
    expect(warnings).toHaveLength(2);
    queue.start();
    await again;
    expect(ran).toBe(4);
  });

  test('it can be the default of a runtime', async () => {
    const queue = new Queue({ concurrency: 1 });
    const runtime = createRuntime({ defaults: { concurrency: queue } });
    const works = new Works();
    const open = (name: string): Promise<void> =>
      runtime.withOperation(() => {
        runtime.defer(works.work(name));
      });
    const operations = [open('a'), open('b')];
    await rest();
    expect(works.now).toEqual(['a']);
    await works.end('a');
    await works.end('b');
    await Promise.all(operations);
  });
});
