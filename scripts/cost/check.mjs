// Holds what the hot path costs, in counts and not in time: `npm run check:cost`, after `npm run build`.
// Counts are the same on every machine, so that whatever makes one grow is a change of the code.
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runChild } from '../../bench/child.mjs';
import { checkBuild } from '../package/tarball.mjs';
import { compare, costOf, COUNTS, verdict } from './compare.mjs';
import { FLAGS } from './flags.mjs';
import { BASE, canDo, IN_PLACE, SUBJECTS } from './subjects.mjs';
import { table } from './table.mjs';
import { partsOf, WORKLOADS } from './workloads.mjs';

const LIBRARY = 'deferqueue';
const ceilingsFile = new URL('ceilings.json', import.meta.url);
const program = new URL('count.mjs', import.meta.url).href;
const [major] = process.versions.node.split('.');

const tolerances = Object.values(COUNTS).map(({ title, tolerance }) => `${title} ${tolerance * 100} %`);

const usage = `Usage: npm run check:cost [-- --update | --help]

  --update  holds what is counted now, on this major version of Node.js
  --help    this text

Counts what dist costs in fixed workloads, and compares with scripts/cost/ceilings.json. Each workload is done by the
library and, where that is possible, by what one writes by hand; what it costs with all works called in place is taken off.

  bytes       allocated on the heap, with the optimizing compilers off
  promises    made, those that an await makes included
  microtasks  entered: how often promises have called something
  resources   async resources other than promises
  calls       of functions of dist and of what it depends on, or of what is written by hand
  tokens      of that code which were gone over, each as often as it was: what is between two calls

Fails where one has grown by more than is let through (${tolerances.join(', ')}).
What has become smaller is told, and is no failure. Counts differ between major versions of Node.js: on those that
ceilings.json does not have, nothing is held.`;

const parse = () => {
  const flag = /** @type {const} */ ({ type: 'boolean' });
  try {
    return parseArgs({ options: { update: flag, help: flag } }).values;
  } catch (error) {
    console.error(`check:cost: ${error.message}\n\n${usage}`);
    return process.exit(2);
  }
};

/** Does all jobs, as many at a time as there are processors. */
const doAll = async (jobs) => {
  let next = 0;
  const lane = async () => {
    while (next < jobs.length) await jobs[next++]();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
};

/** What each subject was counted to do in one batch, by workload. */
const countAll = async () => {
  const counted = Object.fromEntries(WORKLOADS.map(({ name }) => [name, {}]));
  const note = (name, subject, counts) => {
    counted[name][subject] = { ...counted[name][subject], ...counts };
  };
  const jobs = SUBJECTS.flatMap((subject) => {
    const names = WORKLOADS.filter((workload) => canDo(subject, workload)).map(({ name }) => name);
    const run = (input, flags) => runChild(process.execPath, program, { subject, ...input }, flags);
    return [
      async () => {
        const counts = await run({ executed: names }, FLAGS.executed);
        for (const name of names) note(name, subject, counts[name]);
      },
      ...names.map(
        (name) => async () => note(name, subject, await run({ allocated: name }, FLAGS.allocated)),
      ),
    ];
  });
  await doAll(jobs);
  return counted;
};

const costsOf = (counted) =>
  Object.fromEntries(
    WORKLOADS.map((workload) => {
      const { [IN_PLACE]: inPlace, ...others } = counted[workload.name];
      const subjects = Object.entries(others);
      return [
        workload.name,
        Object.fromEntries(
          subjects.map(([subject, counts]) => [subject, costOf(counts, inPlace, partsOf(workload))]),
        ),
      ];
    }),
  );

/** Holds what is counted to the ceilings, or makes it the ceilings. Tells whether it has failed. */
const check = async (update) => {
  await checkBuild();
  const costs = costsOf(await countAll());
  const own = Object.fromEntries(Object.entries(costs).map(([name, { [LIBRARY]: cost }]) => [name, cost]));
  const ceilings = JSON.parse(await readFile(ceilingsFile, 'utf8'));
  const held = ceilings[major];
  console.log(table(WORKLOADS, costs, LIBRARY, BASE));
  if (update) {
    await writeFile(ceilingsFile, `${JSON.stringify({ ...ceilings, [major]: own }, null, 2)}\n`);
    const { heavier, lighter } = compare(WORKLOADS, held ?? own, own);
    for (const sentence of [...heavier, ...lighter]) console.log(`- ${sentence}`);
    console.log(`This is held from now on, on Node.js ${major}.`);
    return false;
  }
  if (held === undefined) {
    const others = Object.keys(ceilings).join(', ');
    console.log(
      `- nothing is held on Node.js ${major}: counts differ between versions, and are held on ${others}`,
    );
    return false;
  }
  const { failed, lines } = verdict(compare(WORKLOADS, held, own));
  console.log(lines.join('\n'));
  return failed;
};

const { update, help } = parse();
if (help) {
  console.log(usage);
} else {
  try {
    process.exitCode = (await check(update)) ? 1 : 0;
  } catch (error) {
    console.error(`check:cost: ${error.message}`);
    process.exitCode = 1;
  }
}
