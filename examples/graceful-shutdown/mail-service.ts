import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** Starts what stands in for a mail service, on the loopback interface. It takes `latency` milliseconds over a mail. */
export const startMailService = async (latency: number): Promise<URL> => {
  const server = createServer((request, response) => {
    request.resume();
    void wait(latency).then(() => response.writeHead(202).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
};
