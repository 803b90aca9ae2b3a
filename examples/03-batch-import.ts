// Files are imported at the same time, a task for each. A file is unlocked as soon as it has been read; its links to
// other files can be made only when all are in; the index is built last. However the tasks interleave, the order of
// the queues is the same: the tasks' in the order in which they started, then the operation's own.
import { setImmediate as turn } from 'node:timers/promises';
import { currentTask, defer, withOperation, withTask } from 'deferqueue';

const files = { 'authors.csv': 5, 'books.csv': 1, 'loans.csv': 3 };

const readRow = async (row: number): Promise<void> => {
  await turn();
  if (row === 1) defer(() => console.log(`link ${currentTask()?.name}`));
};

const importFile = async (name: string, rows: number): Promise<void> => {
  console.log(`lock ${name}`);
  defer(() => console.log(`unlock ${name}`), { until: 'task' });
  for (let row = 1; row <= rows; row++) await readRow(row);
  // Not this file's work but the import's, and once is enough.
  defer(() => console.log('build the index'), { task: null, key: 'index' });
};

await withOperation('import', async () => {
  await Promise.all(
    Object.entries(files).map(([name, rows]) => withTask(name, () => importFile(name, rows))),
  );
  console.log('all files are in');
});
