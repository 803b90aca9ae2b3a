export { carrierContract } from './carrier-contract.js';
export type { ContractCase } from './contract.js';
