import { createNamespace } from 'cls-hooked';
import { ClsHookedCarrier } from '../../src/carriers/cls-hooked.js';
import { createRuntime } from '../../src/create-runtime.js';

// Creates the default runtime before the package does, as another copy of the package would. The tests
// of the guarantees then run over cls-hooked.
const shared = globalThis as { [key: symbol]: unknown };
shared[Symbol.for('deferqueue.shared')] ??= {
  contract: 1,
  version: 'over cls-hooked',
  url: import.meta.url,
  runtime: createRuntime({ carrier: new ClsHookedCarrier(createNamespace('tests')) }),
};
