// A request is over when its stream closes, and not when a function returns. openOperation has its boundary at
// close(); whatever is called through bind() is inside, from any event.
import { Readable } from 'node:stream';
import { defer, openOperation } from 'deferqueue';

const store = (chunk: string): void => {
  console.log(`  stored ${chunk}`);
  defer(() => console.log(`  remove ${chunk} again`), { on: 'failure' });
};

const receive = async (name: string, upload: Readable): Promise<void> => {
  console.log(`${name}:`);
  const operation = openOperation(name);
  operation.defer(() => console.log('  tell the others'), { on: 'success' });
  upload.on('data', operation.bind(store));
  upload.once('error', (error) => operation.fail(error));
  // Not events.once, which would reject for the error: that is the operation's to know.
  await new Promise<void>((resolve) => upload.once('close', resolve));
  const { outcome, counts } = await operation.close();
  console.log(`  ${outcome}: ${counts.ran} ran, ${counts.skipped} skipped`);
};

const brokenUpload = async function* (): AsyncGenerator<string> {
  yield 'c1';
  yield 'c2';
  throw new Error('the client has gone');
};

await receive('upload 1', Readable.from(['a1', 'a2', 'a3']));
await receive('upload 2', Readable.from(brokenUpload()));
