import { describe, expect, test } from 'vitest';
import { Program } from './program.js';

const folder = 'examples/testing';

describe('examples/testing', () => {
  test('the tests for Vitest pass', async () => {
    const program = new Program(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', '--root', folder, '--reporter=json'],
      { VITEST: '' },
    );
    const { lines, status, stderr } = await program.finished;
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(JSON.parse(lines.join('\n'))).toMatchObject({ numPassedTests: 4, numTotalTests: 4 });
  });

  test('the tests for the runner of Node.js pass', async () => {
    const args = ['--import', 'tsx', '--test', '--test-reporter=tap', `${folder}/checkout.node.ts`];
    const { lines, status } = await new Program(process.execPath, args).finished;
    expect(lines).toContain('# pass 3');
    expect(status).toBe(0);
  });
});
