#!/usr/bin/env node
// What an `await` costs in a process in which a namespace of cls-hooked exists: the figures of docs/recipes/cls-hooked.md.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import cls from 'cls-hooked';

const AWAITS = 300_000;
const ROUNDS = 5;
const MODES = ['no namespace', 'a namespace', 'inside its run'];

const awaitMany = async () => {
  for (let count = 0; count < AWAITS; count++) await Promise.resolve(count);
};

/** CPU time of one await in microseconds, after a warm-up. */
const measure = async (mode) => {
  const namespace = mode === MODES[0] ? undefined : cls.createNamespace('measured');
  const run = mode === MODES[2] ? () => namespace.runAndReturn(awaitMany) : awaitMany;
  await run();
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / AWAITS;
};

const [mode] = process.argv.slice(2);
if (mode !== undefined) {
  console.log(await measure(mode));
} else {
  // Each in processes of their own, in turn: a hook cannot be taken away again.
  const times = new Map(MODES.map((each) => [each, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const each of MODES) {
      const out = execFileSync(process.execPath, [fileURLToPath(import.meta.url), each], {
        encoding: 'utf8',
      });
      times.get(each).push(Number(out));
    }
  }
  for (const [each, found] of times) {
    const told = [Math.min(...found), Math.max(...found)].map((time) => time.toFixed(2)).join(' to ');
    console.log(`${each}: ${told} µs of CPU time for an await`);
  }
}
