// Asks the server of fairness.mjs all the time, one request after the other, and tells it how long the longest answer took.
import { Agent, get } from 'node:http';

const port = Number(process.argv[2]);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
/** Answers before it says that it is ready. */
const WARM = 100;

let isRunning = true;
let longest = 0;
/** What an answer took before is not counted: the one that is awaited at that moment may be the one that takes long. */
let countsFrom = 0;

const ask = () =>
  new Promise((resolve, reject) => {
    const startedAt = performance.now();
    get({ host: '127.0.0.1', port, agent }, (response) => {
      response.resume().on('end', () => {
        longest = Math.max(longest, performance.now() - Math.max(startedAt, countsFrom));
        resolve(undefined);
      });
    }).on('error', reject);
  });

process.on('message', (message) => {
  if (message === 'stop') {
    isRunning = false;
    return;
  }
  longest = 0;
  countsFrom = performance.now();
  process.send('started');
});

for (let index = 0; index < WARM; index++) await ask();
process.send('ready');
while (isRunning) await ask();
agent.destroy();
process.send(longest);
