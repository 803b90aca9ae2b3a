// A mutant is killed by the first case that fails: nobody reads a smaller one.
import fc from 'fast-check';

fc.configureGlobal({ endOnFailure: true });
