import { describe, expect, test } from 'vitest';
import { MailService } from './graceful-shutdown-program.js';
import { run } from './program.js';
import type { Program } from './program.js';
import { rows } from './readme-table.js';

const main = 'examples/inspect/main.ts';

interface Server {
  readonly program: Program;
  readonly url: string;
  readonly mail: MailService;
}

const start = async (...args: string[]): Promise<Server> => {
  const mail = await MailService.start();
  const program = run(main, ['--mail-service', mail.url, ...args]);
  const [line] = (await program.until('listening on ')).slice(-1);
  const url = /http:[^,]+/.exec(line ?? '')?.[0] ?? '';
  return { program, url, mail };
};

describe('examples/inspect', () => {
  test('/health tells of a receipt that is on its way, and of nothing when it has been sent', async () => {
    const { url, mail } = await start();
    const order = await fetch(`${url}/orders`, { method: 'POST' });
    expect(await order.text()).toBe('order 1 placed\n');
    const receipt = await mail.next();
    const busy = await fetch(`${url}/health`);
    expect(busy.status).toBe(200);
    expect(await busy.json()).toMatchObject({
      counts: { operations: 1, tasks: 0, queued: 0, running: 1 },
      operations: [{ id: 1, name: 'POST /orders', works: [{ name: 'receipt 1', state: 'running' }] }],
    });
    receipt.accept();
    await expect
      .poll(async () => (await fetch(`${url}/health`)).json())
      .toMatchObject({ counts: { operations: 0 }, operations: [] });
  });

  test('/health fails while an operation is older than it should be', async () => {
    const { url, mail } = await start('--stuck-after', '0');
    expect((await fetch(`${url}/health`)).status).toBe(200);
    await fetch(`${url}/orders`, { method: 'POST' });
    await mail.next();
    await expect.poll(async () => (await fetch(`${url}/health`)).status).toBe(503);
  });

  test.skipIf(process.platform === 'win32')('SIGUSR2 prints what is alive', async () => {
    const { program, url, mail } = await start();
    await fetch(`${url}/orders`, { method: 'POST' });
    await mail.next();
    program.signalOne('SIGUSR2');
    const lines = (await program.until('  work ')).slice(1);
    expect(lines).toEqual([
      '1 operation, 0 tasks, 1 work item running, 0 queued',
      expect.stringMatching(/^"POST \/orders" #1, draining, \d+.* old$/),
      expect.stringMatching(/^ {2}work "receipt 1", running for \d+.*, registered \d+.* ago$/),
    ]);
    const row = rows().find(({ file }) => file === 'inspect/main.ts');
    for (const printed of row?.printed ?? ['a row of the table']) expect(lines.join()).toContain(printed);
  });
});
