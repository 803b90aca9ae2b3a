import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { requireBuild } from '../package/built.js';

interface Steps {
  readonly result: Readonly<
    Record<string, { readonly promises: number; readonly steps: readonly unknown[] }>
  >;
  readonly messages: number;
}

const run = async (...modes: string[]): Promise<Steps> => {
  const program = fileURLToPath(new URL('observed/steps.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...modes]);
  return JSON.parse(stdout) as Steps;
};

beforeAll(requireBuild);

describe('one path for every operation', () => {
  test('an observed operation takes the same steps as an unobserved one, in the same microtasks', async () => {
    const [observed, unobserved] = await Promise.all([run('observed'), run()]);
    expect(observed.messages).toBeGreaterThan(100);
    expect(unobserved.messages).toBe(0);
    expect(observed.result).toEqual(unobserved.result);
    // The programs do something that could differ.
    for (const [name, { steps }] of Object.entries(observed.result)) {
      if (name !== 'nothing') expect(steps.length, name).toBeGreaterThan(0);
    }
  });
});
