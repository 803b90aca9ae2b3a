// An operation that is opened while the module is loaded.
import { defer, use, withOperation, withTask } from 'deferqueue';

export const topLevel = { log: [], error: undefined };

const { log } = topLevel;
try {
  await withOperation('top level', async () => {
    use({ [Symbol.dispose]: () => log.push('disposed') });
    defer(() => log.push('work'));
    log.push('function');
    await withTask('task', async () => {
      await Promise.resolve();
      log.push('task');
    });
  });
} catch (error) {
  topLevel.error = error;
}
