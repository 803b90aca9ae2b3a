// Nests operations far deeper than the stack is, in a process of its own, which a mistake could end or hang. Prints what
// became of each program, as JSON.
import { defer, withOperation, withTask } from 'deferqueue';

const DEPTH = 10_000;
const unlimited = { maxChain: Infinity };

/** Calls `again` in itself without end. */
const endless = (enter) => {
  const again = () => enter(again);
  return again();
};

const programs = {
  'operations with an await between': async () => {
    let ran = 0;
    const level = (depth) =>
      withOperation(async () => {
        await Promise.resolve();
        defer(() => ran++);
        if (depth > 1) await level(depth - 1);
      });
    await level(DEPTH);
    return ran;
  },
  'operations opened by work of one another, with an await between': async () => {
    let ran = 0;
    const next = async () => {
      await Promise.resolve();
      if (++ran < DEPTH) await withOperation(unlimited, async () => void defer(next));
    };
    await withOperation(unlimited, () => void defer(next));
    return ran;
  },
  'operations opened by work of one another in one turn': async () => {
    let ran = 0;
    const next = () => (++ran < DEPTH ? withOperation(unlimited, () => void defer(next)) : undefined);
    await withOperation(unlimited, () => void defer(next));
    return ran;
  },
  'operations without end': () => endless((again) => withOperation('endless', () => again())),
  'async functions without end': () => endless((again) => withOperation(async () => again())),
  'tasks without end': () => withOperation(() => endless((again) => withTask('endless', () => again()))),
  'joined functions without end': () =>
    withOperation(() => endless((again) => withOperation({ nesting: 'join' }, () => again()))),
  'an operation afterwards': () => withOperation(() => 'as before'),
};

const results = {};
for (const [name, program] of Object.entries(programs)) {
  results[name] = await Promise.resolve()
    .then(program)
    .catch((error) => error.name);
}
console.log(JSON.stringify(results));
