// Node.js 20 reads contexts by a faster path in a process that has used nothing but promises. No server is such a process.
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import { setImmediate, setTimeout } from 'node:timers/promises';

const serve = async () => {
  await setTimeout(1);
  await setImmediate();
  await new Promise((resolve) => process.nextTick(resolve));
  await readFile(new URL(import.meta.url));
  const server = createServer((_request, response) => response.end('ok'));
  await once(server.listen(0), 'listening');
  const [response] = await once(get({ port: server.address().port, agent: false }), 'response');
  await once(response.resume(), 'end');
  server.close();
};

/** Uses timers, immediates, ticks, a file and a request, in a storage that is disabled before the measurement begins. */
export const liveIn = async () => {
  const storage = new AsyncLocalStorage();
  await storage.run({}, async () => {
    for (let time = 0; time < 3; time++) await serve();
  });
  storage.disable();
};
