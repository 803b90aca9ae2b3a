// Reads the command lines of the programs of this folder.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { NAMES } from './candidates/index.mjs';
import { MAJORS } from './nodes.mjs';
import { ALL } from './workloads.mjs';

/** All that can be asked for by `--workload`. */
export const WORKLOADS = ALL.map(({ name }) => name);

/** Ends with the message and how it is meant. */
const refuse = (program, message, usage) => {
  console.error(`${program}: ${message}\n\n${usage}`);
  process.exit(2);
};

/** What was asked for, or an end: the usage where that was asked for, an error where it cannot be understood. */
export const readArguments = ({ program, usage, options = {}, positionals = [], workloads = WORKLOADS }) => {
  const text = /** @type {const} */ ({ type: 'string' });
  const flag = /** @type {const} */ ({ type: 'boolean' });
  const no = (message) => refuse(program, message, usage);
  const parse = () => {
    try {
      return parseArgs({
        allowPositionals: true,
        options: {
          workload: text,
          node: text,
          rounds: text,
          seed: text,
          quick: flag,
          help: flag,
          ...options,
        },
      });
    } catch (error) {
      return no(error.message);
    }
  };
  const { values, positionals: given } = parse();
  if (values.help) {
    console.log(usage);
    process.exit(0);
  }
  if (given.length !== positionals.length)
    no(positionals.length === 0 ? `"${given[0]}" is not understood` : `${positionals.join(' ')} is missing`);

  const list = (name, known) => {
    if (values[name] === undefined) return undefined;
    const chosen = values[name].split(',');
    const unknown = chosen.find((one) => !known.includes(one));
    if (unknown !== undefined) no(`--${name} has to be of ${known.join(', ')}, and is "${unknown}"`);
    return known.filter((one) => chosen.includes(one));
  };
  const whole = (name, most) => {
    if (values[name] === undefined) return undefined;
    const number = Number(values[name]);
    if (!/^\d+$/.test(values[name]) || number < 1 || number > most)
      no(`--${name} has to be a whole number from 1 to ${most}, and is "${values[name]}"`);
    return number;
  };
  return {
    ...values,
    given,
    only: list('only', NAMES),
    workload: list('workload', workloads),
    node: list('node', MAJORS),
    rounds: whole('rounds', 1000),
    seed: whole('seed', 2 ** 31 - 1) ?? randomInt(1, 2 ** 31),
  };
};
