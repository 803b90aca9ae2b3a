// How long it takes to import the library, beside p-queue, which it imports, too. Each time in a process of its own.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const PROCESSES = 11;

/** What one process does: the first import in it loads the loader, too, and is not counted. */
const PROGRAM = `
  await import('data:text/javascript,');
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  await import(process.argv[1]);
  const wall = performance.now() - before;
  const { user, system } = process.cpuUsage(cpuBefore);
  console.log(JSON.stringify({ wall: wall * 1e6, cpu: (user + system) * 1e3 }));
`;

/** The file that is imported. p-queue is the one that the library imports. */
export const entryOf = (name, library) =>
  name === 'deferqueue' ? library : createRequire(library).resolve('p-queue');

/** Nanoseconds. */
export const measureStartup = async (name, library) => {
  const address = pathToFileURL(entryOf(name, library)).href;
  const taken = { cpu: [], wall: [] };
  for (let index = 0; index < PROCESSES; index++) {
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      PROGRAM,
      address,
    ]);
    const { cpu, wall } = JSON.parse(stdout);
    taken.cpu.push(cpu);
    taken.wall.push(wall);
  }
  return taken;
};
