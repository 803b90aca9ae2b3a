// In a file of its own: a runtime that does not know the syntax cannot load it.

/** Opens an operation for a block, and defers in it. */
export const closeWithSyntax = async (openOperation, log) => {
  {
    await using operation = openOperation('block');
    operation.defer(() => log.push('work'));
    log.push('in the block');
  }
  log.push('after the block');
};
