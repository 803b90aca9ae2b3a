/**
 * What makes counts exact: nothing is collected while bytes are counted, and no code is replaced by one that allocates less or has no
 * counters. For what count.mjs is asked for.
 */
export const FLAGS = {
  allocated: [
    '--no-opt',
    '--no-sparkplug',
    '--no-maglev',
    '--no-lazy-feedback-allocation',
    '--min-semi-space-size=64',
    '--max-semi-space-size=64',
  ],
  executed: ['--no-opt', '--no-maglev'],
};
