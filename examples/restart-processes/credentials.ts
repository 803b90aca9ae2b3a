import { AsyncLocalStorage } from 'node:async_hooks';

/** On whose behalf the code runs: set where a process is restored, and never handed down by hand. */
export const credentials = new AsyncLocalStorage<{ readonly user: string }>();

/** Throws unless the code runs on behalf of `user`. */
export const assertUser = (user: string): void => {
  const current = credentials.getStore()?.user ?? 'nobody';
  if (current !== user) throw new Error(`only ${user} may do this, and ${current} did`);
};
