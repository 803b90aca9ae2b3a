// The options that the programs of this folder share.
import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { MAJORS } from './nodes.mjs';
import { WORKLOADS } from './workloads.mjs';

/** Reads names separated by commas; they are returned in the order in which they are known. */
export const namesOf = (known) => (text) => {
  const chosen = text.split(',');
  const unknown = chosen.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`Expected names of ${known.join(', ')}, got \`${unknown}\`.`);
  return known.filter((name) => chosen.includes(name));
};

const wholeUpTo = (most) => (text) => {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > most)
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${most}, got \`${text}\`.`);
  return number;
};

const WORKLOAD_NAMES = WORKLOADS.map(({ name }) => name);

export const commandOf = (name, description) =>
  new Command(name)
    .description(description)
    .allowExcessArguments(false)
    .option(
      '--workload <names>',
      `only these workloads: ${WORKLOAD_NAMES.join(', ')}`,
      namesOf(WORKLOAD_NAMES),
    )
    .option('--node <majors>', `only these versions of Node.js: ${MAJORS.join(', ')}`, namesOf(MAJORS))
    .option('--rounds <count>', 'how often everything is measured', wholeUpTo(1000))
    .option(
      '--seed <number>',
      'decides the order of the measurements (default: random)',
      wholeUpTo(2 ** 31 - 1),
    )
    .option('--plan', 'measure nothing, and print how long it would take')
    .addHelpText('after', '\nNames are separated by commas.')
    .showHelpAfterError('(--help lists the options)');

/** What the command line asks for. `seed` is always there. */
export const optionsOf = (command, argv = process.argv) => ({
  seed: randomInt(1, 2 ** 31),
  ...command.parse(argv).opts(),
});
