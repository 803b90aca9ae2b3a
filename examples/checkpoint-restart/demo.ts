import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { use, withOperation } from 'deferqueue';
import { recordTimeline } from 'deferqueue/timeline';
import { awkwardDeleted, makeAwkwardTree, putLinksFirst } from './awkward-tree.js';
import { checkpoint } from './checkpoint.js';
import { imageSource } from './image-source.js';
import type { Progress } from './progress.js';
import { restart } from './restart.js';
import { showTimeline } from './show-timeline.js';
import { print, printable } from './printable.js';
import { firstLines, table, wrongEntries } from './summary.js';
import { TemporaryFolder, removeTree } from './temporary-folder.js';
import { verify } from './verify.js';
import type { Difference } from './verify.js';
import { restartWithoutDeferral } from './without-deferral.js';
import type { QueueCounts, Works } from './works.js';

interface Surroundings {
  readonly folder: TemporaryFolder;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

interface Tree {
  readonly name: string;
  readonly directory: string;
  readonly deleted: readonly string[];
  readonly linksFirst: boolean;
  /** Where to write the page that shows its restart, if there is to be one. */
  readonly page?: string;
}

interface Shown {
  readonly tree: Tree;
  readonly entries: number;
  readonly bytes: number;
  readonly tasks: number;
  readonly works: Works;
  readonly differences: Difference[];
  readonly readBy: string;
  readonly inPlace: Difference[];
  readonly refused: number;
  readonly seconds: Record<'checkpoint' | 'restart' | 'verify' | 'in place', number>;
}

const projectModules = fileURLToPath(new URL('../../node_modules', import.meta.url));
const timelinePage = fileURLToPath(new URL('../../build/demo-timeline.html', import.meta.url));

/**
 * Runs everything on a directory and on the awkward tree, and prints a summary. Everything temporary belongs to an
 * operation that removes it at its end, however that comes. Returns whether the restarts with deferral were right.
 */
export const demo = (
  directory: string | undefined,
  { signal, progress }: { signal: AbortSignal; progress: Progress },
): Promise<boolean> =>
  withOperation({ name: 'demo', signal }, async () => {
    const surroundings = { folder: use(await TemporaryFolder.create()), signal, progress };
    const given = path.resolve(directory ?? projectModules);
    const shown = [
      await show(
        { name: path.basename(given), directory: given, deleted: [], linksFirst: false },
        surroundings,
      ),
      await show(await awkwardTree(surroundings.folder), surroundings),
    ];
    print('', ...describe(shown).split('\n'), '');
    for (const { tree, differences, readBy } of shown) {
      if (differences.length === 0) {
        print(`Verified in ${tree.name}, with deferral: every entry is as the image says, ${readBy}`);
        continue;
      }
      print(`Wrong in ${tree.name}, with deferral, ${readBy}:`);
      print(...firstLines(differences.map((each) => each.line)));
    }
    return shown.every(({ differences }) => differences.length === 0);
  });

const awkwardTree = async (folder: TemporaryFolder): Promise<Tree> => {
  const directory = folder.at('awkward');
  await makeAwkwardTree(directory);
  return { name: 'awkward tree', directory, deleted: awkwardDeleted, linksFirst: true, page: timelinePage };
};

const show = async (tree: Tree, { folder, signal, progress }: Surroundings): Promise<Shown> => {
  const told = { signal, progress };
  const image = folder.at('image.tar');
  const target = folder.at('target');
  print(`${tree.name}: ${tree.directory}`);

  const written = folder.at('written.tar');
  const checkpointed = await timed(() =>
    checkpoint(tree.directory, written, { ...told, deleted: tree.deleted }),
  );
  print(...checkpointed.value.skipped.map((each) => `  skipped: ${each}`));
  const source = await imageSource(written).then(async (it) => {
    if (!tree.linksFirst) return it;
    await putLinksFirst(it, image, signal);
    return imageSource(image);
  });

  const recording = tree.page === undefined ? undefined : recordTimeline();
  const restarted = await timed(() => restart(source, target, told)).finally(() => recording?.stop());
  const { index, tasks, works } = restarted.value;
  const verified = await timed(() => verify(source, target, { ...told, index }));
  await removeTree(target);

  const inPlace = await timed(() => restartWithoutDeferral(source, target, told));
  const compared = await verify(source, target, { ...told, index: inPlace.value.index });
  await removeTree(target);

  if (recording !== undefined && tree.page !== undefined) {
    await showTimeline(recording.timeline(), `restart of the ${tree.name}`, tree.page);
  }
  const { entries, bytes } = checkpointed.value;
  return {
    tree,
    entries,
    bytes,
    tasks,
    works,
    differences: verified.value.differences,
    readBy: verified.value.readBy,
    inPlace: compared.differences,
    refused: inPlace.value.failures.length,
    seconds: {
      checkpoint: checkpointed.seconds,
      restart: restarted.seconds,
      verify: verified.seconds,
      'in place': inPlace.seconds,
    },
  };
};

const timed = async <T>(run: () => Promise<T>): Promise<{ value: T; seconds: number }> => {
  const start = performance.now();
  const value = await run();
  return { value, seconds: (performance.now() - start) / 1000 };
};

const describe = (shown: readonly Shown[]): string => {
  const row = (label: string, cell: (of: Shown) => string): string[] => [label, ...shown.map(cell)];
  const count = (n: number): string => n.toLocaleString('en-US');
  const queue = ({ deferred, run, failed, undone }: QueueCounts): string =>
    [deferred, run, failed + undone].map(count).join(' / ');
  const seconds = (name: keyof Shown['seconds']): string[] =>
    row(`seconds, ${name}`, (of) => of.seconds[name].toFixed(2));
  return table([
    row('', ({ tree }) => printable(tree.name)),
    row('entries', ({ entries }) => count(entries)),
    row('megabytes', ({ bytes }) => (bytes / 1e6).toFixed(1)),
    row('tasks', ({ tasks }) => count(tasks)),
    row('works at the end of a task: deferred / run / failed', ({ works }) =>
      queue(works.counts('task end')),
    ),
    row("works in the tasks' queues: deferred / run / failed", ({ works }) => queue(works.counts('tasks'))),
    row("works in the operation's queue: deferred / run / failed", ({ works }) =>
      queue(works.counts('operation')),
    ),
    row('wrong entries with deferral', ({ differences }) => count(wrongEntries(differences))),
    row('wrong entries without deferral', ({ inPlace }) => count(wrongEntries(inPlace))),
    ...differenceRows(shown),
    row('  refused when their turn came', ({ refused }) => count(refused)),
    seconds('checkpoint'),
    seconds('restart'),
    seconds('verify'),
    seconds('in place'),
  ]);
};

const differenceRows = (shown: readonly Shown[]): string[][] => {
  const kinds = new Set(shown.flatMap(({ inPlace }) => inPlace.map(({ kind }) => kind)));
  return [...kinds].map((kind) => [
    `  ${kind}`,
    ...shown.map(({ inPlace }) => String(inPlace.filter((each) => each.kind === kind).length)),
  ]);
};
