export { AsyncLocalStorageCarrier } from './async-local-storage.js';
export type { ContextCarrier } from '../core/carrier.js';
