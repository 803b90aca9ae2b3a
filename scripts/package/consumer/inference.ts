// What a user does not have to write. Nothing here is run: the compilers judge it.
import {
  createRuntime,
  currentTask,
  defer,
  DeferredWorkError,
  openOperation,
  settleOperation,
  use,
  withOperation,
  withTask,
} from 'deferqueue';
import type { Operation, OperationReport, Outcome, Task } from 'deferqueue';

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the compiler compares these as they are, `any` included
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only where `found` has the type `Wanted`, exactly. */
const is =
  <Wanted>() =>
  <Found>(_found: Found, _same: Same<Found, Wanted>): void => {};

export const inferred = async (resource: AsyncDisposable & { read(): string }): Promise<void> => {
  is<number>()(await withOperation(async () => 1), true);
  is<string>()(await withOperation('named', () => 'at once'), true);
  is<void>()(await withOperation((operation) => is<Operation>()(operation, true)), true);
  is<boolean[]>()(await withTask('task', async (task) => [task === currentTask()]), true);
  await withTask({ name: 'task', concurrency: 2 }, (task) => is<Task>()(task, true));

  const { outcome, report } = await settleOperation('settled', async () => ({ id: 7 }));
  is<Outcome<{ id: number }>>()(outcome, true);
  is<OperationReport>()(report, true);
  if (outcome.status === 'fulfilled') is<number>()(outcome.value.id, true);

  defer(({ data }) => is<{ n: number }>()(data, true), { data: { n: 1 } });
  defer(({ data }) => is<undefined>()(data, true));
  defer((work) => is<Operation>()(work.operation, true), { name: 'named', on: 'failure' });
  defer(({ data }) => is<string[]>()(data, true), {
    data: ['a'],
    key: 'list',
    coalesce: (earlier, later) => [...earlier, ...later],
    discard: (_reason, data) => is<string[]>()(data, true),
  });
  // @ts-expect-error nothing is coalesced without a key
  defer(() => {}, { coalesce: 'first' });
  // @ts-expect-error an option that does not exist
  defer(() => {}, { when: 'later' });

  is<string>()(use(resource).read(), true);
  // @ts-expect-error what cannot be disposed
  use({ read: () => 'text' });

  await using operation = openOperation('opened');
  const bound = operation.bind((path: string, mode: number) => path.length + mode);
  is<(path: string, mode: number) => number>()(bound, true);
  is<Promise<boolean>>()(
    operation.run(async () => true),
    true,
  );

  const { withOperation: other } = createRuntime({ defaults: { workErrors: 'report' } });
  is<number>()(await other(() => 1), true);

  await withOperation(() => {}).catch((error: unknown) => {
    if (error instanceof DeferredWorkError) is<unknown>()(error.value, true);
  });
};
