import { afterEach, beforeEach, vi } from 'vitest';
import type { MockInstance } from 'vitest';

/** Keeps process warnings from being printed during the tests of a file, and gives them to the tests. */
export const catchWarnings = (): { readonly emitted: Error[]; readonly codes: (string | undefined)[] } => {
  let spy: MockInstance<typeof process.emitWarning>;
  beforeEach(() => {
    spy = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  });
  afterEach(() => spy.mockRestore());
  return {
    get emitted() {
      return spy.mock.calls.map(([warning]) => warning as unknown as Error);
    },
    get codes() {
      return this.emitted.map((warning) => (warning as { code?: string }).code);
    },
  };
};
