#!/usr/bin/env -S node --import tsx
// A server that tells what is alive in it: at GET /health, and on its output at SIGUSR2. The log of every step is one variable away:
// DEFERQUEUE_DEBUG=1.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { defer, withOperation } from 'deferqueue';
import { inspect, printOnSignal } from 'deferqueue/inspect';
import { startMailService } from '../graceful-shutdown/mail-service.js';

const { values } = parseArgs({
  options: { 'mail-service': { type: 'string' }, 'stuck-after': { type: 'string', default: '60000' } },
});
const mailService = values['mail-service'] ?? (await startMailService(30_000));
const stuckAfter = Number(values['stuck-after']);

let orders = 0;

const placeOrder = (): number => {
  const order = ++orders;
  defer(({ signal }) => fetch(mailService, { method: 'POST', body: `order ${order}`, signal }), {
    name: `receipt ${order}`,
  });
  return order;
};

/** Not healthy while an operation is older than any should be: the first one is the oldest. */
const health = (response: ServerResponse): void => {
  const state = inspect({ limit: 10 });
  const healthy = (state.operations[0]?.ageMs ?? 0) <= stuckAfter;
  response.writeHead(healthy ? 200 : 503, { 'Content-Type': 'application/json' }).end(JSON.stringify(state));
};

const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const name = `${request.method} ${request.url}`;
  // Outside any operation: it would list itself.
  if (name === 'GET /health') return health(response);
  return withOperation({ name, workErrors: 'report', onWorkError: console.error }, () => {
    response.end(`order ${placeOrder()} placed\n`);
  });
};

if (process.platform !== 'win32') printOnSignal('SIGUSR2', console.log);

const server = createServer((request, response) => void handle(request, response));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
console.log(
  `listening on http://127.0.0.1:${(server.address() as AddressInfo).port}, process ${process.pid}`,
);
