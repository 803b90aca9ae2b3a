// Mails are decided on deep inside a transaction, and must go out after it has been committed: not before, since it
// may still fail, and not never. A failure has a mail of its own.
import { defer, withOperation } from 'deferqueue';

const balances = new Map([
  ['ann', 100],
  ['bob', 20],
]);

const mail = (to: string, text: string): void => console.log(`mail to ${to}: ${text}`);

const withdraw = async (draft: Map<string, number>, from: string, amount: number): Promise<void> => {
  const balance = draft.get(from) ?? 0;
  defer(() => mail(from, `${amount} could not be paid`), { on: 'failure' });
  if (balance < amount) throw new Error(`${from} has ${balance} and not ${amount}`);
  draft.set(from, balance - amount);
};

const deposit = async (draft: Map<string, number>, to: string, amount: number): Promise<void> => {
  draft.set(to, (draft.get(to) ?? 0) + amount);
  // At the boundary the balance is what was committed.
  defer(() => mail(to, `you got ${amount} and have ${balances.get(to)}`), { on: 'success' });
};

const transfer = (from: string, to: string, amount: number): Promise<void> =>
  withOperation('transfer', async () => {
    const draft = new Map(balances);
    await deposit(draft, to, amount);
    await withdraw(draft, from, amount);
    for (const [name, balance] of draft) balances.set(name, balance);
    console.log(`commit: ${amount} from ${from} to ${to}`);
  });

await transfer('ann', 'bob', 30);
await transfer('ann', 'bob', 500).catch((error: unknown) => console.log(`rolled back: ${String(error)}`));
