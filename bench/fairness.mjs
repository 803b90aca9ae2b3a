// How long a drain of very many small works keeps a server from answering. The server is in the process that drains; the
// client that asks it, one request after the other, is in another one.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { watchLoop } from './loop-watch.mjs';

const CLIENT = fileURLToPath(new URL('fairness-client.mjs', import.meta.url));

/** Rounds of arithmetic in each work: about a microsecond. */
const ROUNDS = 500;

let sink = 0;

const arithmetic = () => {
  let value = sink;
  for (let round = 0; round < ROUNDS; round++) value = (Math.imul(value, 31) + round) | 0;
  sink = value;
};

/** Milliseconds: what loop-watch.mjs tells of the turns of the loop during the drain, the longest answer, and the drain. */
export const measureFairness = async (candidate, library, { works }) => {
  const operation = await candidate.load({ library, concurrency: 1 });
  // The drain is not to be the time of compiling it.
  for (let index = 0; index < 10; index++) await operation({ depth: 1, count: 1000, work: () => arithmetic });
  const server = createServer((_request, response) => response.end('ok'));
  // A server that is kept from its own timers must not be the one that hangs up.
  server.keepAliveTimeout = 0;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = fork(CLIENT, [`${server.address().port}`], { execArgv: [] });
  const answer = async () => (await once(client, 'message'))[0];
  // It has had some answers, so that connections and code are warm.
  await answer();

  let ran = 0;
  let startedAt = 0;
  /** @type {ReturnType<typeof watchLoop>} */
  let stop;
  const work = () => {
    arithmetic();
    ran++;
  };
  /** That so many works are deferred without a break is not what is measured: the drain begins after this. */
  const pause = async () => {
    globalThis.gc();
    client.send('start');
    await answer();
    stop = watchLoop();
    startedAt = performance.now();
  };
  await operation({ depth: 1, count: works, work: () => work, pause });
  const drained = performance.now() - startedAt;
  const { held, own, pause: collection } = await stop();
  client.send('stop');
  const longest = await answer();
  client.disconnect();
  server.close();
  if (ran !== works) throw new Error(`${candidate.title}: ${ran} works ran, and not ${works}`);
  return {
    held: [held],
    ...(own !== undefined && { own: [own] }),
    pause: [collection],
    latency: [longest],
    drained: [drained],
  };
};
