// An operation inside another succeeds, and yet nothing of it counts if the outer one fails. Work with until: 'root'
// waits for the outermost boundary, and 'success' means there that everything up to the root succeeded.
import { defer, withOperation } from 'deferqueue';

const audit = (entry: string): void => console.log(`  audit: ${entry}`);

const auditAtRoot = (what: string): void => {
  defer(() => audit(what), { until: 'root', on: 'success' });
  defer(({ outcome }) => audit(`no ${what}: ${outcome?.status === 'rejected' && outcome.reason}`), {
    until: 'root',
    on: 'failure',
  });
};

const pay = (): Promise<void> =>
  withOperation('payment', async () => {
    auditAtRoot('payment');
    console.log('  paid');
  });

const addPoints = (): Promise<void> =>
  withOperation('points', async () => {
    auditAtRoot('points');
    throw new Error('the points service is away');
  });

const order = (inStock: boolean): Promise<void> =>
  withOperation('order', async () => {
    await pay();
    // An order is one without points, too: the failure ends here, for the order but not for the audit.
    await addPoints().catch(() => console.log('  went on without points'));
    if (!inStock) throw new Error('out of stock');
    console.log('  ordered');
  });

console.log('an order:');
await order(true);
console.log('an order that fails at its end:');
await order(false).catch((error: unknown) => console.log(`  ${String(error)}`));
