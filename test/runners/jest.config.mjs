/** Jest runs each file in a realm of its own, with modern timers that fake `queueMicrotask` and `performance` too. */
export default {
  testMatch: ['<rootDir>/cases/realm.mjs', '<rootDir>/cases/*.jest.mjs'],
  moduleFileExtensions: ['js', 'mjs', 'json', 'node'],
  transform: {},
  moduleNameMapper: {
    '^deferqueue$': '<rootDir>/../../dist/index.js',
    '^deferqueue/testing$': '<rootDir>/../../dist/testing/index.js',
  },
};
