export { AsyncLocalStorageCarrier } from './async-local-storage.js';
export type { ContextCarrier } from '../api/carrier.js';
