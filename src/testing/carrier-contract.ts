import type { ContextCarrier } from '../carriers/index.js';
import { asyncCases } from './carrier-async-cases.js';
import { callCases } from './carrier-call-cases.js';
import { releaseCases } from './carrier-release-cases.js';
import { runtimeCases } from './carrier-runtime-cases.js';
import { casesOf } from './contract.js';
import type { ContractCase } from './contract.js';

/**
 * Returns the contract of `ContextCarrier` as cases for any test runner. They cover how a carrier calls
 * functions, which async calls it carries the value through, and how a runtime works with it. `create`
 * is called once for each case and returns a new carrier.
 *
 * If the garbage collector is exposed (`node --expose-gc`), more cases check what a carrier keeps alive.
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
