import { ContractMismatchError } from './api/errors.js';
import type { PackageCopy } from './api/errors.js';
import type { Runtime } from './api/runtime.js';
import { warn } from './core/warning.js';
import { createRuntime } from './create-runtime.js';
import { VERSION } from './version.js';

/**
 * What copies of the package have to agree on to share a runtime: what its functions promise and take. Raise it for
 * a change that the other copy could notice, which only a new major version may make.
 */
const CONTRACT = 1;

interface Shared extends PackageCopy {
  readonly runtime: Runtime;
}

/** Where copies of the package in one process find each other, whatever their contract. */
const SHARED = Symbol.for('deferqueue.shared');

/**
 * Returns the process-wide default. The first copy of the package makes it, and others with the same contract use it,
 * so that one copy's `defer` finds the operation of another's `withOperation` (G26).
 */
const share = (): Runtime => {
  const own = { contract: CONTRACT, version: VERSION, url: import.meta.url };
  const shared = globalThis as { [SHARED]?: Shared };
  const first = (shared[SHARED] ??= Object.freeze({ ...own, runtime: createRuntime() }));
  if (first.contract !== CONTRACT) throw new ContractMismatchError(first, own);
  return first.runtime;
};

// What the environment asks for. Deno would need a permission to read it.
const { process, Deno } = globalThis as { process?: Partial<NodeJS.Process>; Deno?: unknown };
const env = Deno ? undefined : process?.env;
if (env?.['DEFERQUEUE_DEBUG'] === '1' || /(^|,)deferqueue(,|$)/i.test(env?.['NODE_DEBUG'] as string)) {
  try {
    // By its name, since in a bundle its path would be that of the user's program.
    process!.getBuiltinModule!('module').createRequire(import.meta.url)('deferqueue/debug');
  } catch (error) {
    warn("Import 'deferqueue/debug'", 'DEFERQUEUE_DEBUG', error);
  }
}

/** @internal */
export const defaultRuntime = share();
