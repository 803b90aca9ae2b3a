import { withOperation } from 'deferqueue';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { printOnSignal } from '../../src/observability/inspect/index.js';
import { gate } from '../support/gate.js';

const windows = process.platform === 'win32';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('printOnSignal', () => {
  test.skipIf(windows)('prints what is alive each time that the process gets the signal', async () => {
    const printed: string[] = [];
    let came = gate();
    const stop = printOnSignal('SIGUSR2', (text) => {
      printed.push(text);
      came.open();
    });
    const body = gate();
    const done = withOperation('import', () => body.passed);
    process.kill(process.pid, 'SIGUSR2');
    await came.passed;
    body.open();
    await done;
    came = gate();
    process.kill(process.pid, 'SIGUSR2');
    await came.passed;
    expect(printed).toEqual([
      expect.stringMatching(/^1 operation, .*\n"import" #\d+, open, \d+ ms old$/),
      'no operations',
    ]);
    stop();
    expect(process.listenerCount('SIGUSR2')).toBe(0);
  });

  test.skipIf(windows)('hears SIGUSR2 and writes to stderr unless told otherwise', () => {
    const error = vi.spyOn(console, 'error').mockReturnValue();
    const stop = printOnSignal();
    process.emit('SIGUSR2', 'SIGUSR2');
    stop();
    expect(error.mock.calls).toEqual([['no operations']]);
  });

  test.each([
    ['SIGNONE', undefined, 'There is no signal SIGNONE on this platform'],
    [7, undefined, 'Expected `signal` to be the name of a signal, got 7 (number)'],
    ['SIGUSR2', 'stderr', 'Expected `write` to be a function, got "stderr" (string)'],
  ])('refuses what it cannot hear or call: %s, %s', (signal, write, message) => {
    expect(() => printOnSignal(signal as never, write as never)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(message) as string,
        code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT',
      }) as Error,
    );
  });

  test.skipIf(windows)('refuses a signal that no program gets, and leaves no listener', () => {
    expect(() => printOnSignal('SIGKILL')).toThrow(
      expect.objectContaining({
        message: 'The signal SIGKILL cannot be listened to. Choose one that programs get, such as SIGUSR2',
        code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT',
      }) as Error,
    );
    expect(process.listenerCount('SIGKILL')).toBe(0);
  });

  test.each([undefined, {}, { on: () => undefined, getBuiltinModule: () => undefined }])(
    'is refused where there are no signals: %o',
    (without) => {
      vi.stubGlobal('process', without);
      try {
        expect(() => printOnSignal()).toThrow('There is no signal SIGUSR2 on this platform');
      } finally {
        vi.unstubAllGlobals();
      }
    },
  );
});
