import type { ContextCarrier } from '../carriers/index.js';
import { asyncCases } from './carrier-async-cases.js';
import { callCases } from './carrier-call-cases.js';
import { releaseCases } from './carrier-release-cases.js';
import { runtimeCases } from './carrier-runtime-cases.js';
import { casesOf } from './contract.js';
import type { ContractCase } from './contract.js';

/**
 * What a `ContextCarrier` has to do, as cases for the test runner of your choice: how it calls, what it carries through which kinds
 * of async calls, and that a runtime on it keeps its promises. `create` is called for each case, and gives a new carrier.
 *
 * Where the garbage collector is exposed (`node --expose-gc`) there are cases about what a carrier keeps, too.
 *
 * @example
 * for (const { title, check } of carrierContract(() => new MyCarrier())) test(title, check);
 */
export const carrierContract = (create: () => ContextCarrier): readonly ContractCase[] => [
  ...casesOf(create, callCases(create)),
  ...casesOf(create, asyncCases),
  ...casesOf(create, runtimeCases),
  ...casesOf(create, releaseCases((globalThis as { gc?: () => void }).gc)),
];
