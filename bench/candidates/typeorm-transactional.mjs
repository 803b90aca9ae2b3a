// runOnTransactionCommit, over a data source that only calls the function: no database is asked.
import { createRequire } from 'node:module';
import { nestedCalls } from './nested-calls.mjs';

export const title = 'typeorm-transactional';
export const rounds = 2;
export const order = 'fifo';
export const peer = 'typeorm-transactional';
export const cannot = { w7: 'starts all at once, and waits for none' };

export const load = () => {
  const require = createRequire(import.meta.url);
  // oxlint-disable-next-line import/no-unassigned-import -- it has to be there before TypeORM is loaded
  require('reflect-metadata');
  const transactional = require('typeorm-transactional');
  const { runInTransaction, runOnTransactionCommit, runOnTransactionComplete } = transactional;
  transactional.initializeTransactionalContext({
    storageDriver: transactional.StorageDriver.ASYNC_LOCAL_STORAGE,
    maxHookHandlers: 0,
  });
  transactional.addTransactionalDataSource({
    name: 'default',
    dataSource: { transaction: (run) => run({}) },
    patch: false,
  });
  const body = nestedCalls((work) => runOnTransactionCommit(work));
  return async (plan) => {
    /** @type {Promise<unknown> | undefined} */
    let ended;
    const result = await runInTransaction(async () => {
      const value = await body(plan);
      // The hooks run in a later turn, when the transaction's promise has long been settled.
      if (plan.count > 0)
        ended = new Promise((resolve) => {
          runOnTransactionComplete(resolve);
        });
      return value;
    });
    await ended;
    return result;
  };
};
