#!/usr/bin/env -S npx tsx
import { parseArgs } from 'node:util';
import { use, withOperation } from 'deferqueue';
import type { OperationOptions } from 'deferqueue';
import PQueue from 'p-queue';
import { makeAlbum } from './album.js';
import type { Album } from './album.js';
import { ImageStore } from './image-store.js';
import type { Limits } from './image-store.js';
import { importAlbum } from './import-album.js';
import { Progress } from './progress.js';
import { isRight, summary } from './summary.js';
import type { Part } from './summary.js';

const help = `Imports albums of photos, and uploads what was made of them when all have been read, a few at once.

Usage: npx tsx examples/bulk-upload/main.ts [options]

The uploads go to a store that the program starts itself, on 127.0.0.1. It takes 4 at once, and in the second part
25 within 100 ms; it answers 429 to more. Some of the photos are damaged, which it answers with 422, and some uploads
it never answers. First one album is imported, with a number as the concurrency; then two at the same time, which
share one queue, so that both together keep to the limits.

  --concurrency N  uploads at once in the first part, from 1 to 64 (default 4): the store puts off more than 4
  --queue-each     give each of the two imports a queue of its own: each keeps to the limits, both together do not
  --help           print this

Exit status: 0 if the store's limits were kept, 1 if they were not, 2 for wrong arguments.
`;

interface Arguments {
  readonly concurrency: number;
  readonly queueEach: boolean;
  readonly help: boolean;
}

const readArguments = (args: string[]): Arguments => {
  const { values } = parseArgs({
    args,
    options: {
      concurrency: { type: 'string', default: '4' },
      'queue-each': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const concurrency = Number(values.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 64) {
    throw new RangeError(`--concurrency must be a whole number from 1 to 64, and is '${values.concurrency}'`);
  }
  return { concurrency, queueEach: values['queue-each'], help: values.help };
};

/** Imports albums at the same time, each with the concurrency beside it. The store ends with the part. */
const runPart = (
  title: string,
  limits: Limits,
  imports: readonly (readonly [Album, OperationOptions['concurrency']])[],
): Promise<Part> =>
  withOperation(title, async () => {
    const store = use(await ImageStore.start(limits, silent));
    const progress = new Progress(title);
    const start = performance.now();
    const reports = await Promise.all(
      imports.map(([album, concurrency]) => importAlbum(album, concurrency, { store: store.url, progress })),
    );
    progress.end();
    return { title, limits, reports, seen: store.seen, seconds: (performance.now() - start) / 1000 };
  });

/** What the store never answers for. */
const silent = [
  '/summer/photo-07/preview.jpg',
  '/summer/photo-23/thumbnail.jpg',
  '/summer/photo-51/preview.jpg',
  '/autumn/photo-05/thumbnail.jpg',
  '/winter/photo-20/preview.jpg',
];

const limits = { atOnce: 4, cap: 25, interval: 100 } as const;

/**
 * A queue that keeps to the limits of the store: `strict`, since the store looks at every interval and not at one after
 * the other, and with a much longer interval, since requests do not all take equally long to arrive.
 */
const storeQueue = (): PQueue =>
  new PQueue({
    concurrency: limits.atOnce,
    intervalCap: limits.cap,
    interval: limits.interval + 400,
    strict: true,
  });

const program = async ({ concurrency, queueEach }: Arguments): Promise<boolean> => {
  const summer = makeAlbum('summer', 60, [13, 42]);
  const autumn = makeAlbum('autumn', 30, [11]);
  const winter = makeAlbum('winter', 30, [2]);
  const shared = storeQueue();
  const parts = [
    await runPart('one import', { atOnce: limits.atOnce }, [[summer, concurrency]]),
    await runPart('two imports', limits, [
      [autumn, shared],
      [winter, queueEach ? storeQueue() : shared],
    ]),
  ];
  console.log(summary(parts));
  return parts.every(isRight);
};

const argumentsOrExit = (args: string[]): Arguments => {
  try {
    return readArguments(args);
  } catch (error) {
    process.stderr.write(`error: ${(error as Error).message}\n--help says more\n`);
    return process.exit(2);
  }
};

const args = argumentsOrExit(process.argv.slice(2));
if (args.help) process.stdout.write(help);
else process.exitCode = (await program(args)) ? 0 : 1;
