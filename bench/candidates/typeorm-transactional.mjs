// runOnTransactionCommit over a data source that only calls the function, without a database.
import { createRequire } from 'node:module';
import { nestedCalls } from './nested-calls.mjs';

export const title = 'typeorm-transactional';
export const order = 'fifo';
export const peer = 'typeorm-transactional';
export const lacks = 'G6, G8, G11, G13, G16, G21';

export const load = () => {
  const require = createRequire(import.meta.url);
  // oxlint-disable-next-line import/no-unassigned-import -- TypeORM needs it when it loads
  require('reflect-metadata');
  const transactional = require('typeorm-transactional');
  const { runInTransaction, runOnTransactionCommit, runOnTransactionComplete } = transactional;
  transactional.initializeTransactionalContext({
    storageDriver: transactional.StorageDriver.ASYNC_LOCAL_STORAGE,
    maxHookHandlers: 0,
  });
  transactional.deleteDataSourceByName('default');
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
      // The hooks run in a later turn, after the transaction's promise has settled.
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
