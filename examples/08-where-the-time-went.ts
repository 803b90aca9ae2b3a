// A restore is slower than it was, and nobody knows whether the time goes into it or into what it deferred.
import { setTimeout as sleep } from 'node:timers/promises';
import { defer, withOperation, withTask } from 'deferqueue';
import { recordTimeline, timelineToText } from 'deferqueue/timeline';

const restoreFile = async (name: string, size: number): Promise<void> => {
  defer(
    async () => {
      await sleep(20);
      if (name === 'b.txt') throw new Error('read-only file system');
    },
    { name: `times of ${name}` },
  );
  await sleep(size);
};

const recording = recordTimeline();
await withOperation({ name: 'restore', workErrors: 'report', onWorkError: () => undefined }, async () => {
  defer(() => sleep(60), { name: 'index' });
  await withTask('files', async () => {
    await restoreFile('a.txt', 40);
    await restoreFile('b.txt', 30);
  });
});

console.log(timelineToText(recording.stop(), { stream: process.stdout }));
