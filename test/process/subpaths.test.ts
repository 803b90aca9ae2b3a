import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { requireBuild } from '../package/built.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

beforeAll(requireBuild);

/** Runs a program that imports the built package as its users do, and gives the JSON that it prints. */
const program = async (text: string): Promise<unknown> => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', text],
    // Inside the package its own name leads to what package.json exports.
    { cwd: root },
  );
  return JSON.parse(stdout);
};

/** A carrier that remembers of what class each operation is that it carries. */
const WATCHED = `
  import { AsyncLocalStorageCarrier } from 'deferqueue/carriers';
  class Watched extends AsyncLocalStorageCarrier {
    seen = new Set();
    run(value, ...others) {
      this.seen.add(value.constructor);
      return super.run(value, ...others);
    }
  }
`;

describe('subpaths in one process', () => {
  test('what a contract of deferqueue/testing makes is of the classes of the main entry', async () => {
    const result = await program(`${WATCHED}
      import { createRuntime } from 'deferqueue';
      import { carrierContract } from 'deferqueue/testing';
      const ofMain = new Watched();
      await createRuntime({ carrier: ofMain }).withOperation(() => {});
      const ofTesting = new Watched();
      for (const { check } of carrierContract(() => ofTesting)) await check().catch(() => {});
      const [Operation] = ofMain.seen;
      console.log(JSON.stringify({ name: Operation.name, same: ofTesting.seen.has(Operation) }));
    `);
    expect(result).toEqual({ name: 'OperationCore', same: true });
  });

  test('the runtime that copies share is made by the main entry, and by what tests use of it', async () => {
    const result = await program(`
      const found = {};
      for (const name of ['/carriers', '/cls-hooked', '/debug', '/inspect', '/timeline', '/testing', '']) {
        await import('deferqueue' + name);
        found['.' + name] = globalThis[Symbol.for('deferqueue.shared')] !== undefined;
      }
      console.log(JSON.stringify(found));
    `);
    expect(result).toEqual({
      './carriers': false,
      './cls-hooked': false,
      './debug': false,
      './inspect': false,
      './timeline': false,
      './testing': true,
      '.': true,
    });
  });

  test('a stack names functions, methods and classes as the sources do', async () => {
    const result = await program(`
      import * as library from 'deferqueue';
      const { flush } = library;
      const stack = await flush().catch((error) => error.stack);
      const names = [...stack.matchAll(/at (\\S+) \\(.*runtime\\.js/g)].map(([, name]) => name);
      const classes = Object.values(library).filter((value) => value.prototype instanceof Error);
      console.log(JSON.stringify({ names, odd: classes.filter(({ name }) => library[name] === undefined) }));
    `);
    expect(result).toEqual({ names: ['#current', 'flush'], odd: [] });
  });
});
