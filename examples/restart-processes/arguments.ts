import { parseArgs } from 'node:util';

export const usage = `Usage: npx tsx examples/restart-processes/main.ts [options]

Processes share a segment that was deleted while they had it attached. They are checkpointed and
stopped, and restarted in one operation: the segment is created by one task, attached by all, and
its deletion deferred to the end of the operation, as the task that owns it. Linux only.

  --processes N        how many processes, from 2 to 64 (default 4)
  --without-deferral   delete the segment as soon as its owner has attached it: the others come too late
  --broken N           let process N fail to start at the restart: nothing is left behind
  --hold               keep the restarted processes until Ctrl-C, to look at them in /proc
  --help               show this
`;

export interface Arguments {
  readonly processes: number;
  readonly withoutDeferral: boolean;
  readonly broken: string | undefined;
  readonly hold: boolean;
  readonly help: boolean;
}

const count = (option: string, text: string, least: number, most: number): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`--${option} must be a whole number from ${least} to ${most}, and is '${text}'`);
};

/** Throws what is wrong with the arguments, in words for the person who typed them. */
export const readArguments = (args: string[]): Arguments => {
  const { values } = parseArgs({
    args,
    options: {
      processes: { type: 'string', default: '4' },
      'without-deferral': { type: 'boolean', default: false },
      broken: { type: 'string' },
      hold: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const processes = count('processes', values.processes, 2, 64);
  return {
    processes,
    withoutDeferral: values['without-deferral'],
    broken:
      values.broken === undefined ? undefined : `process ${count('broken', values.broken, 1, processes)}`,
    hold: values.hold,
    help: values.help,
  };
};
