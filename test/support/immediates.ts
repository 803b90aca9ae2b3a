import { vi } from 'vitest';

/** Replaces the `setImmediate` that the library reads when it is loaded, until `restore` is called. */
export const replaceImmediate = (fake: unknown): { restore(): void } => {
  const getBuiltinModule = process.getBuiltinModule.bind(process);
  const spy = vi
    .spyOn(process, 'getBuiltinModule')
    .mockImplementation((id: string) =>
      id === 'node:timers' ? { setImmediate: fake } : getBuiltinModule(id),
    );
  return { restore: () => spy.mockRestore() };
};
