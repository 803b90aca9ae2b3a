// The default carrier, held to the contract that the package has for carriers, from the package's own subpaths.
import { AsyncLocalStorageCarrier } from 'deferqueue/carriers';
import { carrierContract } from 'deferqueue/testing';

const contract = carrierContract(() => new AsyncLocalStorageCarrier());

export const carriers = contract.map(({ title, check }) => ({
  title: `the default carrier: ${title}`,
  run: check,
}));
