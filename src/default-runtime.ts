import { ContractMismatchError } from './core/errors.js';
import type { PackageCopy } from './core/errors.js';
import { warn } from './core/failures.js';
import type { Runtime } from './core/surface.js';
import { createRuntime } from './runtime.js';
import { VERSION } from './version.js';

/**
 * What copies of the package have to agree on to share a runtime: what its functions promise and take. It is raised when that
 * changes in a way that the other copy could notice, which a new major version may do and no other.
 */
const CONTRACT = 1;

interface Shared extends PackageCopy {
  readonly runtime: Runtime;
}

/** Where copies of the package in one process find each other, whatever their contract. */
const SHARED = Symbol.for('deferqueue.shared');

/**
 * The process-wide default: the first copy of the package that is loaded makes it, and others with the same contract use it, so that
 * one `defer` finds the operation of another's `withOperation` (G26). A copy with another contract cannot be loaded beside it.
 */
const share = (): Runtime => {
  const own = { contract: CONTRACT, version: VERSION, url: import.meta.url };
  const shared = globalThis as { [SHARED]?: Shared };
  const first = (shared[SHARED] ??= Object.freeze({ ...own, runtime: createRuntime() }));
  if (first.contract !== CONTRACT) throw new ContractMismatchError(first, own);
  return first.runtime;
};

// What the environment asks for; Deno would ask for a permission to look there.
const { process, Deno } = globalThis as { process?: Partial<NodeJS.Process>; Deno?: unknown };
const env = Deno ? undefined : process?.env;
if (env?.['DEFERQUEUE_DEBUG'] === '1' || /(^|,)deferqueue(,|$)/i.test(env?.['NODE_DEBUG'] as string)) {
  try {
    // By its name and not by its place, which in a bundle is the program's own.
    process!.getBuiltinModule!('module').createRequire(import.meta.url)('deferqueue/debug');
  } catch (error) {
    warn("Import 'deferqueue/debug'", 'DEFERQUEUE_DEBUG', error);
  }
}

/** @internal */
export const defaultRuntime = share();
