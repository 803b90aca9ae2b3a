#!/usr/bin/env -S node --import tsx
// A server whose answers go out before the work that they cause is done. At SIGTERM it ends that work, too, before it
// exits. docs/recipes/shutdown.md explains it step by step.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import closeWithGrace from 'close-with-grace';
import { defer, shutdown, ShuttingDownError, withOperation } from 'deferqueue';
import { argumentsOrExit } from './arguments.js';
import { startMailService } from './mail-service.js';

const { port, grace, mailService = await startMailService(3000) } = argumentsOrExit(process.argv.slice(2));

const orders: string[] = [];

/** Deep in the code: knows nothing of requests, and nothing of signals. */
const placeOrder = async (item: string): Promise<number> => {
  const order = orders.push(item);
  defer(({ signal }) => sendReceipt(order, signal), { name: `receipt ${order}`, on: 'success' });
  return order;
};

const sendReceipt = async (order: number, signal: AbortSignal): Promise<void> => {
  const body = `order ${order}: ${orders[order - 1]}`;
  const { status } = await fetch(mailService, { method: 'POST', body, signal });
  if (status !== 202) throw new Error(`the mail service answered ${status}`);
  console.log(`receipt ${order} sent`);
};

const server = createServer((request, response) => void handle(request, response));

const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const name = `${request.method} ${request.url}`;
  try {
    await withOperation({ name, workErrors: 'report', onWorkError }, async () => {
      if (name !== 'POST /orders') return answer(response, 404, 'POST /orders is all there is');
      return answer(response, 201, `order ${await placeOrder(await text(request))} placed`);
    });
  } catch (error) {
    if (error instanceof ShuttingDownError) await answer(response, 503, 'shutting down');
    else {
      console.error(`${name}:`, error);
      if (!response.headersSent) await answer(response, 500, 'failed');
    }
  }
};

/** Fulfils when the answer has gone out, or the client has gone: what was done for the request stands all the same. */
const answer = async (response: ServerResponse, status: number, message: string): Promise<void> => {
  // A client that reuses its connections is told not to come back on this one.
  if (!server.listening) response.setHeader('Connection', 'close');
  response.writeHead(status).end(`${message}\n`);
  await finished(response).catch(() => {});
};

const onWorkError = (error: unknown, work: { readonly name: string | undefined }): void =>
  console.error(`${work.name} failed: ${String(error)}`);

// The delay is the last resort and tells nothing, so it comes after all that shutdown() may take: the grace for works,
// and at most once more for disposers and for what discards the works that were abandoned.
closeWithGrace({ delay: 2 * grace + 2000 }, async ({ signal, err }) => {
  if (err) console.error(err);
  server.close();
  console.log(`closing: ${signal ?? 'error'}`);
  const { ended, stuck } = await shutdown({ grace });
  console.log(`closed: ${ended} ended, ${stuck.length} stuck`);
  for (const { name, state, running, abandoned } of stuck) {
    const names = (works: readonly { readonly name: string | undefined }[]): string =>
      works.map((work) => work.name ?? '(unnamed)').join(', ') || 'none';
    console.error(`stuck: ${name} (${state}), running: ${names(running)}, abandoned: ${names(abandoned)}`);
  }
  // When this function fulfils, the process exits with 0, or with 1 after an error.
  if (stuck.length > 0) process.exit(1);
});

server.listen(port, '127.0.0.1');
await once(server, 'listening');
console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
