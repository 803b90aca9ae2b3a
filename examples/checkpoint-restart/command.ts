import { realpath } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { checkpoint } from './checkpoint.js';
import { demo } from './demo.js';
import { Fault, exitStatus, exitStatusHelp, faultOf } from './exit-status.js';
import type { ExitStatus } from './exit-status.js';
import { imageSource } from './image-source.js';
import { leftOutLines } from './left-out.js';
import { print, printError } from './printable.js';
import type { Progress } from './progress.js';
import { restart } from './restart.js';
import { differencesByKind, firstLines, wrongEntries } from './summary.js';
import { verify } from './verify.js';
import type { Verified } from './verify.js';
import { restartWithoutDeferral } from './without-deferral.js';
import { describeCounts } from './works.js';

const help = `Writes a directory to an image and restores it, with everything that has to wait deferred to the end.

Usage:
  checkpoint-restart checkpoint [--deleted PATH]... DIR IMAGE
  checkpoint-restart restart [--without-deferral] IMAGE DIR
  checkpoint-restart demo [DIR]

Commands:
  checkpoint  writes DIR to IMAGE, a standard tar
  restart     restores IMAGE (- is the standard input) into DIR, which has to be empty or not there yet, in one pass,
              and verifies the result: content, mode, modification time, link targets and hard links of every entry.
              Owners and groups are not restored, and neither are setuid, setgid and sticky bits, extended attributes
              and access control lists: restart says where the image has them. What else an image has that is not
              understood is refused, sparse files for example.
  demo        runs all of it on DIR, or on this project's node_modules, and on a small awkward tree, in a temporary
              directory that it removes, and compares with what comes out without deferral; prints when each part of the
              small one ran, and writes that as a page

Options:
  --deleted PATH      a file in DIR that counts as deleted while it was still attached: it is restored for the hard
                      links to it, and then removed. Names that NFS and FUSE give to such files are recognised.
  --without-deferral  does everything in place, when the stream comes to it, to show what comes out wrong
  --help              prints this

${exitStatusHelp}
`;

const usage = (message: string): Fault =>
  new Fault(exitStatus.usage, message, { details: ['--help says more'] });

const readArguments = (args: string[]) => {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        deleted: { type: 'string', multiple: true },
        'without-deferral': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw usage((error as Error).message);
  }
};

const expectArguments = (given: readonly string[], ...names: string[]): string[] => {
  if (given.length === names.length) return [...given];
  throw usage(`expected ${names.join(' and ')}, got ${given.length === 0 ? 'nothing' : given.join(' ')}`);
};

const seconds = (start: number): string => `${((performance.now() - start) / 1000).toFixed(2)} s`;

const report = ({ differences, readBy }: Verified): ExitStatus => {
  if (differences.length === 0) {
    print(`verified: every entry is as the image says, ${readBy}`);
    return exitStatus.ok;
  }
  print(`${wrongEntries(differences)} entries are wrong (${differencesByKind(differences)}), ${readBy}`);
  print(...firstLines(differences.map((each) => each.line)));
  return exitStatus.different;
};

const run = async (args: string[], signal: AbortSignal, progress: Progress): Promise<ExitStatus> => {
  const { values, positionals } = readArguments(args);
  const [command, ...rest] = positionals;
  if (values.help) {
    process.stdout.write(help);
    return exitStatus.ok;
  }
  if (values.deleted && command !== 'checkpoint') throw usage('--deleted is an option of checkpoint');
  if (values['without-deferral'] && command !== 'restart')
    throw usage('--without-deferral is an option of restart');
  const start = performance.now();
  switch (command) {
    case 'checkpoint': {
      const [directory = '', image = ''] = expectArguments(rest, 'DIR', 'IMAGE');
      const { entries, bytes, skipped } = await checkpoint(directory, image, {
        deleted: values.deleted ?? [],
        signal,
        progress,
      });
      print(...skipped.map((each) => `skipped: ${each}`));
      print(`wrote ${entries} entries, ${bytes} bytes of content, in ${seconds(start)}`);
      return exitStatus.ok;
    }
    case 'restart': {
      const [image = '', given = ''] = expectArguments(rest, 'IMAGE', 'DIR');
      // A link to the target is followed here and never again.
      const target = await realpath(given).catch(() => given);
      const source = await imageSource(image);
      if (values['without-deferral']) {
        const { index, failures } = await restartWithoutDeferral(source, target, { signal, progress });
        print(`restored ${index.entries.size} entries without deferral in ${seconds(start)}`);
        if (failures.length > 0) print(`${failures.length} could not be done when their turn came`);
        print(...firstLines(failures), ...leftOutLines(index));
        return report(await verify(source, target, { index, signal, progress }));
      }
      const { index, tasks, works } = await restart(source, target, { signal, progress });
      print(`restored ${index.entries.size} entries in ${tasks} tasks in ${seconds(start)}`);
      print(`  works at the end of a task:     ${describeCounts(works.counts('task end'))}`);
      print(`  works in the tasks' queues:     ${describeCounts(works.counts('tasks'))}`);
      print(`  works in the operation's queue: ${describeCounts(works.counts('operation'))}`);
      print(...leftOutLines(index));
      return report(await verify(source, target, { index, signal, progress }));
    }
    case 'demo': {
      if (rest.length > 1) throw usage(`expected at most one DIR, got ${rest.join(' ')}`);
      return (await demo(rest[0], { signal, progress })) ? exitStatus.ok : exitStatus.different;
    }
    case undefined:
      throw usage('expected a command: checkpoint, restart or demo');
    default:
      throw usage(`unknown command ${command}`);
  }
};

/** Runs the command that the arguments name, and prints what became of it. */
export const runCommand = async (
  args: string[],
  signal: AbortSignal,
  progress: Progress,
): Promise<ExitStatus> => {
  try {
    return await run(args, signal, progress);
  } catch (error) {
    progress.cancel();
    const fault = faultOf(error);
    if (fault !== undefined) printError(`error: ${fault.message}`, ...fault.details);
    else printError(...String(error instanceof Error ? error.stack : error).split('\n'));
    return fault?.status ?? exitStatus.unforeseen;
  }
};
