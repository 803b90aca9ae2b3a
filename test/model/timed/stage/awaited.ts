import type { Awaiting } from '../program/timed-program.js';

/** What the function has to wait for. A rejection that nobody waits for is none: it has been compared already. */
export function awaitedOf(
  { awaited, caught }: Awaiting,
  promise: Promise<unknown>,
): Promise<unknown> | undefined {
  const settled = promise.catch((error: unknown) => {
    if (!caught) throw error;
  });
  if (awaited) return settled;
  settled.catch(() => undefined);
  return undefined;
}
