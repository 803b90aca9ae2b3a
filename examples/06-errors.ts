// A failing work stops no other one, hides nothing and masks nothing. Who hears of it, in four ways.
import { defer, DeferredWorkError, settleOperation, withOperation } from 'deferqueue';

const save = async (): Promise<string> => {
  defer(() => console.log('  notified'), { name: 'notify' });
  defer(
    () => {
      throw new Error('the index is read-only');
    },
    { name: 'index' },
  );
  defer(() => console.log('  cleaned up'), { name: 'clean up' });
  return 'document 7';
};

console.log('the operation rejects with what failed, and has its value:');
try {
  await withOperation('save', save);
} catch (error) {
  if (!(error instanceof DeferredWorkError)) throw error;
  console.log(`  ${error.errors.length} failed: ${String(error.errors[0])}`);
  console.log(
    `  ${String(error.value)}: ${error.report.counts.ran} ran, ${error.report.counts.failed} failed`,
  );
}

const onWorkError = (error: unknown, work: { readonly name: string | undefined }): void =>
  console.log(`  heard of "${work.name}": ${String(error)}`);

console.log('a listener hears of it, and the operation fulfils:');
console.log(`  ${await withOperation({ name: 'save', onWorkError, workErrors: 'report' }, save)}`);

console.log("the function's own reason comes first:");
await withOperation({ name: 'save', onWorkError }, async () => {
  await save();
  throw new Error('the disk is full');
}).catch((error: unknown) => console.log(`  ${String(error)}`));

console.log('nothing is thrown, everything is reported:');
const { outcome, report } = await settleOperation({ name: 'save', report: 'full' }, save);
console.log(
  `  function ${outcome.status}: ${report.works?.map(({ name, state }) => `${name} ${state}`).join(', ')}`,
);
