import diagnostics from 'node:diagnostics_channel';
import { createRuntime } from 'deferqueue';
import type { ChannelMessages, ChannelName, Deferred, Operation, Runtime } from 'deferqueue';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { PlainRun } from '../../src/core/plain-run.js';
import { gate, settleMicrotasks, turn } from '../support/gate.js';
import { busy } from '../support/time-of-drains.js';

// Works without options are run by a `PlainRun`, which hands over to a drain when more is asked. Nobody is to notice: what
// happens here is compared with what happens where there is a drain from the beginning.

/** What a scenario is played with. */
interface Stage extends Runtime {
  readonly log: unknown[];
  /** Defers a work without options, which says when it runs. */
  readonly later: (name: string, run?: () => unknown) => Deferred;
  /** Says how it ends, if it does not fulfil with nothing. */
  readonly tell: (what: PromiseLike<unknown>) => void;
}

type Scenario = (stage: Stage) => PromiseLike<unknown>;

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
  vi.restoreAllMocks();
});

const listen = <Name extends ChannelName>(
  name: Name,
  hear: (message: ChannelMessages[Name]) => void,
): void => {
  const listener = hear as (message: unknown) => void;
  diagnostics.subscribe(name, listener);
  undo.push(() => diagnostics.unsubscribe(name, listener));
};

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code ?? (error as Error).message;

/** Plays a scenario in a runtime of its own. With an interceptor, even one that does nothing, no run is plain. */
const play = async (scenario: Scenario, isPlain: boolean): Promise<unknown[]> => {
  const runtime = createRuntime();
  if (!isPlain) undo.push(runtime.intercept({}));
  const log: unknown[] = [];
  const tell = (what: PromiseLike<unknown>): void =>
    void what.then(
      (value) => value === undefined || log.push(value),
      (error) => log.push(codeOf(error)),
    );
  const later: Stage['later'] = (name, run) =>
    runtime.defer(() => {
      log.push(name);
      return run?.();
    });
  let end: string | undefined;
  await scenario({ ...runtime, log, later, tell }).then(
    (value) => (end = `settled with ${String(value)}`),
    (error) => (end = `failed with ${String(codeOf(error))}`),
  );
  await settleMicrotasks();
  return [...log, end];
};

/** Plays it both ways. Returns what happened, and whether a plain run has handed over. */
const playBoth = async (scenario: Scenario): Promise<{ log: unknown[]; handedOver: boolean }> => {
  const handOver = vi.spyOn(PlainRun.prototype, 'handOver');
  const general = await play(scenario, false);
  expect(handOver).not.toHaveBeenCalled();
  const log = await play(scenario, true);
  expect(log).toEqual(general);
  return { log, handedOver: handOver.mock.calls.length > 0 };
};

/** More than a plain run can do, asked by an operation's function after it has deferred `one` and `two`. */
const inTheFunction: [string, (stage: Stage, two: Deferred) => unknown, unknown[]][] = [
  [
    'a work with options',
    ({ defer, log }) => void defer(() => void log.push('named'), { name: 'named' }),
    ['one', 'two', 'named', 'three', 'settled with undefined'],
  ],
  [
    'to cancel a work',
    ({ log }, two) => void log.push(two.cancel(), two.cancel(), two.state),
    [true, false, 'cancelled', 'one', 'three', 'settled with undefined'],
  ],
  [
    'a resource',
    ({ use, log }) => void use({ [Symbol.dispose]: () => void log.push('disposed') }),
    ['one', 'two', 'three', 'disposed', 'settled with undefined'],
  ],
  [
    'a flush',
    async ({ flush, log }) => void log.push(await flush()),
    ['one', 'two', 2, 'three', 'settled with undefined'],
  ],
  [
    'a task with works',
    ({ withTask, later }) => withTask('task', () => void later('of the task')),
    ['of the task', 'one', 'two', 'three', 'settled with undefined'],
  ],
  [
    'a work for the root, from a nested operation',
    ({ withOperation, defer, log }) =>
      withOperation(() => void defer(() => void log.push('for the root'), { until: 'root' })),
    ['one', 'two', 'for the root', 'three', 'settled with undefined'],
  ],
  [
    'a nested operation that it does not wait for',
    ({ withOperation, later, log }) => {
      void withOperation(async () => {
        later('nested');
        await turn();
        log.push('turned');
      });
    },
    ['turned', 'nested', 'one', 'two', 'three', 'settled with undefined'],
  ],
  [
    'an interceptor',
    ({ intercept, log }) => void undo.push(intercept({ work: (_, run) => (log.push('intercepted'), run()) })),
    ['intercepted', 'one', 'intercepted', 'two', 'intercepted', 'three', 'settled with undefined'],
  ],
  [
    'to fail',
    ({ later }) => {
      later('last');
      throw new Error('no');
    },
    ['one', 'two', 'last', 'failed with no'],
  ],
];

/** The same, asked while works run: in one, or from elsewhere; `next` is the work whose turn is next. */
const inTheRun: Record<string, (stage: Stage, next: Deferred) => void> = {
  nothing: () => {},
  'a work without options': ({ later }) => void later('late'),
  'a work with options': ({ defer, log }) => void defer(() => void log.push('named'), { on: 'success' }),
  'to cancel a work': ({ log }, next) => void log.push(next.cancel(), next.cancel(), next.state),
  'the settling of a work': ({ tell }, next) => tell(next.settled.then(({ state }) => state)),
  'a resource': ({ use, log }) => void use({ [Symbol.asyncDispose]: async () => void log.push('disposed') }),
  'a flush': ({ flush, tell }) => tell(flush()),
  'a task with works': ({ withTask, defer, later, tell, log }) =>
    tell(
      withTask('task', async () => {
        later('of the task');
        defer(() => void log.push('at its end'), { until: 'task' });
        await turn();
      }),
    ),
  'a task without works': ({ withTask, tell }) => tell(withTask('task', () => turn().then(() => 'task'))),
  'a nested operation': ({ withOperation, later, tell }) =>
    tell(withOperation(() => turn().then(() => later('nested').state))),
  'a work for the root': ({ withOperation, defer, tell, log }) =>
    tell(withOperation(() => void defer(() => void log.push('for the root'), { until: 'root' }))),
  'an interceptor': ({ intercept, log }) =>
    void undo.push(intercept({ work: (_, run) => (log.push('intercepted'), run()) })),
  'what it is about': ({ currentOperation, log }) => {
    const { state, pending, signal } = currentOperation()!;
    log.push(state, pending, signal.aborted);
  },
};

interface Works {
  /** What is to be asked, in the context of the operation. */
  readonly ask: (stage: Stage, next: Deferred) => void;
  readonly from: 'a work' | 'elsewhere';
  readonly first: () => unknown;
}

/** An operation with three works. Something is asked in the first, or while that is waited for. */
const threeWorks =
  ({ ask, from, first }: Works): Scenario =>
  async (stage) => {
    const { withOperation, later, log } = stage;
    let operation!: Operation;
    let next!: Deferred;
    const end = withOperation((own) => {
      operation = own;
      later('one', () => {
        if (from === 'a work') ask(stage, next);
        return first();
      });
      next = later('two', () => Promise.resolve());
      later('three');
      return 'value';
    });
    end.catch(() => {});
    if (from === 'elsewhere') {
      await settleMicrotasks();
      log.push('asks');
      operation.run(() => ask(stage, next));
    }
    return end;
  };

/** What the first work may return. Those of the last line are waited for until something has been asked. */
const returned: Record<string, () => unknown> = {
  nothing: () => undefined,
  'a value': () => ({ value: 1 }),
  'a promise that has fulfilled': () => Promise.resolve('value'),
  'a promise that has rejected': () => Promise.reject(new Error('no')),
  // oxlint-disable-next-line unicorn/no-thenable -- what a user may return
  'a thenable': () => ({ then: (resolve: (value: unknown) => void) => resolve(1) }),
  'a thenable that throws': () => ({
    // oxlint-disable-next-line unicorn/no-thenable -- what a user may return
    get then(): unknown {
      throw new Error('no');
    },
  }),
  'a promise of another kind': () => new (class extends Promise<void> {})((resolve) => setImmediate(resolve)),
  'an error': () => {
    throw new Error('no');
  },
};

const slow: Record<string, () => unknown> = {
  'fulfils later': () => turn(),
  'rejects later': () => turn().then(() => Promise.reject(new Error('no'))),
  'lets the loop turn': () => busy(20),
};

const asked = Object.keys(inTheRun);

describe('a plain run', () => {
  test('runs works in order, one after the other, and asks for nothing else', async () => {
    const { log, handedOver } = await playBoth(({ withOperation, later, log: told }) =>
      withOperation(async () => {
        later('one', () => turn().then(() => told.push('one has ended')));
        later('two');
        await turn();
        later('three', () => Promise.resolve());
        later('four', () => busy(20));
        later('five');
        return 'value';
      }),
    );
    expect(log).toEqual(['one', 'one has ended', 'two', 'three', 'four', 'five', 'settled with value']);
    expect(handedOver).toBe(false);
  });

  test.each(inTheFunction)('ends before it has begun with %s', async (_what, ask, expected) => {
    const { log, handedOver } = await playBoth((stage) =>
      stage.withOperation(async () => {
        stage.later('one');
        await ask(stage, stage.later('two'));
        stage.later('three');
      }),
    );
    expect(log).toEqual(expected);
    expect(handedOver).toBe(true);
  });

  test('counts the works for a report', async () => {
    const { log } = await playBoth(({ settleOperation, later }) =>
      settleOperation('report', () => {
        later('one');
        later('two');
      }).then(({ report }) => `${report.registered} ${report.counts.ran}`),
    );
    expect(log).toEqual(['one', 'two', 'settled with 2 2']);
  });

  describe.each(Object.keys(returned))('whose first work returns %s', (name) => {
    test.each(asked)('is asked for %s in that work', async (what) => {
      const { log } = await playBoth(
        threeWorks({ ask: inTheRun[what]!, from: 'a work', first: returned[name]! }),
      );
      expect(log).toEqual(expect.arrayContaining(['one', 'three']));
    });
  });

  describe.each(Object.keys(slow))('whose first work %s', (name) => {
    test.each(asked)('is asked for %s meanwhile', async (what) => {
      const { log } = await playBoth(
        threeWorks({ ask: inTheRun[what]!, from: 'elsewhere', first: slow[name]! }),
      );
      expect(log.slice(0, 2)).toEqual(['one', 'asks']);
      expect(log).toContain('three');
    });

    test.each(asked)('is asked for %s in that work', async (what) => {
      const { log } = await playBoth(
        threeWorks({ ask: inTheRun[what]!, from: 'a work', first: slow[name]! }),
      );
      expect(log).toEqual(expect.arrayContaining(['one', 'three']));
    });
  });

  test('hands over once, with what runs and what is queued', async () => {
    const { log, handedOver } = await playBoth(
      threeWorks({ ask: inTheRun['to cancel a work']!, from: 'elsewhere', first: slow['rejects later']! }),
    );
    expect(log).toEqual([
      'one',
      'asks',
      true,
      false,
      'cancelled',
      'three',
      'failed with ERR_DEFERQUEUE_DEFERRED_WORK',
    ]);
    expect(handedOver).toBe(true);
  });

  test.each(['queued', 'running', 'waited for'])(
    'is cut short by a shutdown while its works are %s',
    async (when) => {
      const { log } = await playBoth(async ({ withOperation, shutdown, later, log: told }) => {
        const hold = gate();
        const handles: Deferred[] = [];
        const end = withOperation(async () => {
          handles.push(
            later('one', () => (when === 'queued' ? undefined : hold.passed)),
            later('two'),
          );
          if (when === 'queued') await hold.passed;
        });
        end.catch(() => {});
        if (when === 'waited for') await settleMicrotasks();
        const { stuck } = await shutdown({ grace: 1 });
        for (const { state, running, abandoned } of stuck) told.push(state, running.length, abandoned.length);
        hold.open();
        await settleMicrotasks();
        told.push(...handles.map(({ state }) => state));
        return end;
      });
      expect(log).toEqual(
        when === 'queued'
          ? ['open', 0, 2, 'abandoned', 'abandoned', 'failed with ERR_DEFERQUEUE_DRAIN_TIMEOUT']
          : ['one', 'draining', 1, 1, 'timed-out', 'abandoned', 'failed with ERR_DEFERQUEUE_DRAIN_TIMEOUT'],
      );
    },
  );

  test.each([
    ['a work', (_stage: Stage, next: () => void) => next()],
    ['a task that a work has opened', (stage: Stage, next: () => void) => stage.withTask('task', next)],
  ])('knows the chain of what %s defers', async (_what, within) => {
    const { log } = await playBoth((stage) => {
      const next = (): void => {
        stage.later('link', () => within(stage, next));
      };
      return stage.withOperation({ maxChain: 3 }, next);
    });
    expect(log).toEqual(['link', 'link', 'link', 'failed with ERR_DEFERQUEUE_DEFERRED_WORK']);
  });

  test.each([
    ['deferqueue:work:start', 'at once'],
    ['deferqueue:work:start', 'later'],
    ['deferqueue:work:end', 'at once'],
    ['deferqueue:work:end', 'later'],
  ] as const)('is asked for more by who listens to %s of a work that ends %s', async (name, when) => {
    const { log, handedOver } = await playBoth(({ withOperation, later }) => {
      const handles: Deferred[] = [];
      listen(name, () => handles[2]?.cancel());
      return withOperation(() => {
        handles.push(
          later('one', when === 'later' ? turn : undefined),
          later('two'),
          later('three'),
          later('four', () => Promise.resolve()),
        );
      });
    });
    expect(log).toEqual(['one', 'two', 'four', 'settled with undefined']);
    expect(handedOver).toBe(true);
  });

  test('has counted its works for who listens to the end of the operation', async () => {
    const { log } = await playBoth(({ withOperation, later, log: told }) => {
      listen('deferqueue:operation:close', ({ report: { registered, counts } }) =>
        told.push(registered, counts.ran),
      );
      return withOperation(() => {
        later('one', () => Promise.resolve());
        later('two');
      });
    });
    expect(log).toEqual(['one', 'two', 2, 2, 'settled with undefined']);
  });

  test.each([
    ['at once', () => undefined],
    ['after a work that was waited for', () => Promise.resolve()],
  ])('fails the operation, and ends it, where the run itself fails %s', async (_when, last) => {
    const operations: Operation[] = [];
    const { log } = await playBoth(({ withOperation, later }) =>
      withOperation((operation) => {
        operations.push(operation);
        later('one', () => {
          Object.defineProperty(operation, 'active', {
            get() {
              throw new Error('broken');
            },
          });
          return last();
        });
      }),
    );
    expect(log).toEqual(['one', 'failed with broken']);
    expect(operations.map(({ state }) => state)).toEqual(['closed', 'closed']);
  });
});
