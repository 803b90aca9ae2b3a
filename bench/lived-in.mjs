// Makes a process one that has seen what servers see. In one that has only ever run promises, V8 reads the contexts of Node.js 20 by a
// short way that no process has which serves somebody, and that the first timer takes from it.
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import { setImmediate, setTimeout } from 'node:timers/promises';

const askOnce = async () => {
  const server = createServer((_request, response) => response.end('ok'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const [response] = await once(
    get({ host: '127.0.0.1', port: server.address().port, agent: false }),
    'response',
  );
  response.resume();
  await once(response, 'end');
  server.close();
};

const serve = async () => {
  await setTimeout(1);
  await setImmediate();
  await new Promise((resolve) => process.nextTick(resolve));
  await readFile(new URL(import.meta.url));
  await askOnce();
};

/** Timers, immediates, ticks, a file and a request, in a storage that is gone when what is measured begins. */
export const liveIn = async () => {
  const storage = new AsyncLocalStorage();
  await storage.run({}, async () => {
    for (let time = 0; time < 3; time++) await serve();
  });
  storage.disable();
};
