import { once } from 'node:events';
import { request } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { Connection, MailService, ServerProgram } from '../examples/graceful-shutdown-program.js';
import { rows } from '../examples/readme-table.js';

/** More than any of these tests can take: what is waited for has to end by itself. */
const ample = 60_000;

const start = async (grace: number): Promise<{ mail: MailService; server: ServerProgram; url: string }> => {
  const mail = await MailService.start();
  const server = new ServerProgram(['--mail-service', mail.url, '--grace', String(grace)]);
  return { mail, server, url: await server.url() };
};

/** Places an order, and gives the answer that has come back. */
const order = async (url: string, item: string): Promise<string> => {
  const response = await fetch(`${url}/orders`, { method: 'POST', body: item });
  return `${response.status} ${await response.text()}`;
};

/** An order whose head has come in, and whose body the server waits for. */
const beginOrder = async (url: string): Promise<ClientRequest> => {
  const headers = { Expect: '100-continue', Connection: 'keep-alive' };
  const client = request(`${url}/orders`, { method: 'POST', headers });
  client.flushHeaders();
  await once(client, 'continue');
  return client;
};

/** SIGTERM; fulfils when the server takes no connections any more and shutdown() has been called. */
const terminate = async (server: ServerProgram): Promise<void> => {
  server.signalOne('SIGTERM');
  await server.until('closing: SIGTERM');
};

describe('G23a shutdown of a server at SIGTERM', () => {
  test('a work that is running ends before the process does, with status 0', async () => {
    const { mail, server, url } = await start(ample);
    expect(await order(url, 'book')).toBe('201 order 1 placed\n');
    const receipt = await mail.next();
    await terminate(server);
    receipt.accept();
    const { lines, stderr, status } = await server.finished;
    expect(receipt.text).toBe('order 1: book');
    expect(lines.slice(1)).toEqual(['closing: SIGTERM', 'receipt 1 sent', 'closed: 1 ended, 0 stuck']);
    expect(stderr).toBe('');
    // null would be a signal
    expect(status).toBe(0);
    const row = rows().find(({ file }) => file === 'graceful-shutdown/main.ts');
    expect(lines).toEqual(expect.arrayContaining([...(row?.printed ?? ['a row of the table'])]));
  });

  test('a request that is still coming in is answered in full, and the works that it defers then run', async () => {
    const { mail, server, url } = await start(ample);
    const client = await beginOrder(url);
    await terminate(server);
    client.end('book');
    const [response] = (await once(client, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(201);
    expect(response.headers.connection).toBe('close');
    expect(await text(response)).toBe('order 1 placed\n');
    expect(response.complete).toBe(true);
    const receipt = await mail.next();
    receipt.accept();
    const { lines, stderr, status } = await server.finished;
    expect(lines.slice(1)).toEqual(['closing: SIGTERM', 'receipt 1 sent', 'closed: 1 ended, 0 stuck']);
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  test('a work that never ends is named on stderr after the grace, and the status is 1', async () => {
    const { mail, server, url } = await start(200);
    expect(await order(url, 'book')).toBe('201 order 1 placed\n');
    await mail.next();
    server.signalOne('SIGTERM');
    const { lines, stderr, status } = await server.finished;
    expect(lines.slice(1)).toEqual(['closing: SIGTERM', 'closed: 0 ended, 1 stuck']);
    expect(stderr).toMatch(/^receipt 1 failed: ShuttingDownError/m);
    expect(stderr).toMatch(/^stuck: POST \/orders \(draining\), running: receipt 1, abandoned: none$/m);
    expect(stderr).not.toContain('killed by timeout');
    expect(status).toBe(1);
  });

  test('a request that never comes in is named as well: its operation is still open', async () => {
    const { server, url } = await start(200);
    const client = await beginOrder(url);
    const failed = once(client, 'error');
    server.signalOne('SIGTERM');
    const { lines, stderr, status } = await server.finished;
    expect(lines.slice(1)).toEqual(['closing: SIGTERM', 'closed: 0 ended, 1 stuck']);
    expect(stderr).toBe('stuck: POST /orders (open), running: none, abandoned: none\n');
    expect(status).toBe(1);
    expect(await failed).toEqual([expect.objectContaining({ code: 'ECONNRESET' })]);
  });

  test('a new request on a connection that was kept alive gets 503, and the connection is closed', async () => {
    const { mail, server, url } = await start(ample);
    const kept = await Connection.open(url);
    kept.write('POST /orders HTTP/1.1', 'Host: localhost', 'Content-Length: 4', '', 'book');
    await kept.until('order 1 placed');
    // Half a head: Node does not count the connection as idle, and no request has come yet.
    kept.write('POST /orders HTTP/1.1', 'Host: loc');
    // The server has read that, since it has answered what was sent after it.
    expect(await order(url, 'pen')).toBe('201 order 2 placed\n');
    await terminate(server);
    kept.write('alhost', 'Content-Length: 3', '', 'cup');
    const [, first, second] = (await kept.ended).split('HTTP/1.1 ');
    expect(first).toMatch(/^201 Created\r\n[^]*\r\nConnection: keep-alive\r\n/);
    expect(second).toMatch(/^503 Service Unavailable\r\n[^]*shutting down\n/);
    expect(second).toContain('\r\nConnection: close\r\n');
    for (const receipt of [await mail.next(), await mail.next()]) receipt.accept();
    const { lines, status } = await server.finished;
    expect(lines.toSorted()).toEqual(expect.arrayContaining(['receipt 1 sent', 'receipt 2 sent']));
    expect(lines.at(-1)).toBe('closed: 2 ended, 0 stuck');
    expect(status).toBe(0);
  });

  test('idle connections are closed, and no new ones are taken', async () => {
    const { mail, server, url } = await start(ample);
    expect(await order(url, 'book')).toBe('201 order 1 placed\n');
    const idle = await Connection.open(url);
    idle.write('GET / HTTP/1.1', 'Host: localhost', '', '');
    await idle.until('POST /orders is all there is');
    await terminate(server);
    expect(await idle.ended).toContain('404 Not Found');
    await expect(Connection.open(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    (await mail.next()).accept();
    expect((await server.finished).status).toBe(0);
  });
});

describe('the arguments of the server', () => {
  test('--help tells how to use it', async () => {
    const { lines, status } = await new ServerProgram(['--help']).finished;
    expect(lines.join('\n')).toMatch(/^Usage: node --import tsx examples\/graceful-shutdown\/main\.ts/m);
    expect(status).toBe(0);
  });

  test.each(['--grace 0', '--port 70000', '--mail-service nowhere', '--slow'])(
    '%s is refused with status 2',
    async (args) => {
      const { lines, stderr, status } = await new ServerProgram(args.split(' ')).finished;
      expect(lines).toEqual([]);
      expect(stderr).toMatch(/^error: .+\n--help says more\n$/);
      expect(status).toBe(2);
    },
  );
});
