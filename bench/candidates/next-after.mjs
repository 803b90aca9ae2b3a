// `after` of Next.js with its own AfterContext and storages, as its server drives them for a request. The response closes when the
// function has ended, and the operation waits for everything passed to `waitUntil`.
import { createRequire } from 'node:module';
import { nestedCalls } from './nested-calls.mjs';

export const title = 'Next.js `after`';
export const order = 'fifo';
export const peer = 'next';
export const lacks = 'G11, G21';

const require = createRequire(import.meta.url);

export const load = () => {
  // oxlint-disable-next-line import/no-unassigned-import -- the other modules need its globals
  require('next/dist/server/node-environment-baseline');
  const { AfterContext } = require('next/dist/server/after/after-context');
  const { after } = require('next/dist/server/after');
  const { workAsyncStorage } = require('next/dist/server/app-render/work-async-storage.external');
  const { workUnitAsyncStorage } = require('next/dist/server/app-render/work-unit-async-storage.external');
  const body = nestedCalls((work) => after(work));
  return (plan) => {
    const closers = [];
    const waits = [];
    const afterContext = new AfterContext({
      waitUntil: (promise) => waits.push(promise),
      onClose: (callback) => closers.push(callback),
      onTaskError: () => undefined,
    });
    return workAsyncStorage.run({ afterContext }, () =>
      workUnitAsyncStorage.run({ type: 'request', phase: 'action' }, async () => {
        try {
          return await body(plan);
        } finally {
          for (const close of closers) close();
          if (waits.length > 0) await Promise.all(waits);
        }
      }),
    );
  };
};
