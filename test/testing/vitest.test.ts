/* oxlint-disable vitest/no-standalone-expect -- `test.extend` makes the tests here, which the rule does not know */
import { defer, openOperation, withOperation } from 'deferqueue';
import { describe, expect, test as base } from 'vitest';
import { gate } from '../support/gate.js';
import { deferFixtures, deferMatchers } from '../../src/testing/index.js';
import type { captureOperation as Capturing, DeferMatchers } from '../../src/testing/index.js';

declare module 'vitest' {
  // oxlint-disable-next-line typescript/no-empty-object-type, typescript/no-unused-vars
  interface Matchers<T> extends DeferMatchers<T> {}
}

expect.extend(deferMatchers);
const test = base.extend(deferFixtures);

const thrown = (fn: () => unknown): string => {
  try {
    fn();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
};

describe('toHaveDeferred', () => {
  test('finds a work by its name and its data', async ({ captureOperation }) => {
    const captured = await captureOperation(() => void defer(() => 0, { name: 'mail', data: { to: 'ann' } }));
    expect(captured).toHaveDeferred('mail');
    expect(captured).toHaveDeferred('mail', { to: 'ann' });
    expect(captured).toHaveDeferred('mail', { to: expect.any(String) as unknown });
    expect(captured).not.toHaveDeferred('mail', { to: 'bob' });
    expect(captured).not.toHaveDeferred('index');
  });

  test('says what there is instead', async ({ captureOperation }) => {
    const captured = await captureOperation(async () => {
      defer(() => 0, { name: 'mail', data: 1 });
      defer(() => 0);
      await withOperation(() => void defer(() => 0));
    });
    expect(thrown(() => expect(captured).toHaveDeferred('index', 2))).toBe(
      'expected that index with 2 was deferred, and there is:\n  mail with 1\n  (unnamed)\n(and 1 in nested operations, which are not captured)',
    );
    expect(thrown(() => expect(captured).not.toHaveDeferred('mail'))).toContain('mail was not deferred');
  });

  test('refuses what was not captured', () => {
    expect(thrown(() => expect({}).toHaveDeferred('mail'))).toContain('captureOperation()');
  });
});

describe('the fixture', () => {
  type Capture = typeof Capturing;

  const fixture = async (body: (captureOperation: Capture) => unknown): Promise<string> => {
    try {
      await deferFixtures.captureOperation({}, async (captureOperation) => {
        await captureOperation(() => void defer(() => undefined, { name: 'left' }));
        await body(captureOperation);
      });
    } catch (error) {
      return (error as Error).message;
    }
    return 'fine';
  };

  base('discards what is left of a capture', async () => {
    expect(await fixture(() => undefined)).toBe('fine');
  });

  base('fails for an operation that somebody else has left open', async () => {
    const open = openOperation('forgotten');
    const message = await fixture(() => undefined);
    await open.close();
    expect(message).toMatch(
      /Expected nothing to be pending, but there is:\n1 operation.*\n"forgotten" #\d+, open/,
    );
    expect(await fixture(() => undefined)).toBe('fine');
  });

  base(
    'does not take what tests beside it have captured for forgotten, and the last of them looks',
    async () => {
      const go = gate();
      const beside = fixture(() => go.passed);
      expect(await fixture(() => undefined)).toBe('fine');
      const open = openOperation('forgotten');
      expect(await fixture(() => undefined)).toBe('fine');
      go.open();
      expect(await beside).toContain('"forgotten"');
      await open.close();
    },
  );
});
