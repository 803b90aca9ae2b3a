import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { VERSION } from '../../src/version.js';
import { root } from '../package/built.js';

test('the version that a copy names is that of its package.json', () => {
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string };
  expect(VERSION).toBe(version);
});
