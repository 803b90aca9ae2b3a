import { execFile, spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type { EntryType } from './entry.js';

/** What GNU tar says of an entry. */
export interface Listed {
  readonly path: string;
  readonly type: EntryType;
  readonly mode: number;
  /** One time or, where its listing stands for two, both. */
  readonly mtimesNs: readonly bigint[];
  readonly size: number;
  readonly target: string;
  /** SHA-256, of a file. */
  readonly content: string | undefined;
}

export interface GnuListing {
  readonly entries: readonly Listed[];
  /** The lines that we do not understand. */
  readonly unread: readonly string[];
  /** What it complained of if it failed. */
  readonly complaints: readonly string[];
}

// No names in the reader's language, no local time, no options of the user.
const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC', TAR_OPTIONS: '' };

/** The version of the GNU tar of this system; `undefined` if it has another tar or none. */
export const gnuTarVersion = async (): Promise<string | undefined> => {
  try {
    const { stdout } = await promisify(execFile)('tar', ['--version'], { env });
    const version = /^tar \(GNU tar\) (\S+)/.exec(stdout)?.[1];
    return version && `GNU tar ${version}`;
  } catch {
    return undefined;
  }
};

/** Reads an image with GNU tar: a listing for what headers say, and once more for what files contain. */
export const readWithGnuTar = async (image: string, signal: AbortSignal): Promise<GnuListing> => {
  const unread: string[] = [];
  const listing: Buffer[] = [];
  const list = ['--list', '--verbose', '--full-time', '--numeric-owner', '--quoting-style=c'];
  const listed = await tar(image, list, signal, (chunk) => listing.push(chunk));
  const lines = Buffer.concat(listing).toString('latin1').split('\n');
  const entries: Omit<Listed, 'content'>[] = [];
  for (const line of lines) {
    if (line === '' || line.startsWith('V')) continue;
    const entry = readLine(line);
    if (entry === undefined) unread.push(line);
    else entries.push(entry);
  }
  const contents = new Contents(entries.map(({ type, size }) => (type === 'file' ? size : undefined)));
  // To its output, it extracts the contents of all files one after the other.
  const extract = ['--extract', '--to-stdout'];
  const extracted = await tar(image, extract, signal, (chunk) => contents.add(chunk));
  return {
    entries: entries.map((entry, at) => ({ ...entry, content: contents.hashes[at] })),
    unread,
    complaints: [...new Set([...listed, ...extracted])],
  };
};

/** Runs it on an image; resolves with what it complains of if it fails. */
const tar = async (
  image: string,
  args: readonly string[],
  signal: AbortSignal,
  take: (chunk: Buffer) => void,
): Promise<string[]> => {
  const file = await open(image);
  try {
    const child = spawn('tar', [...args, '--absolute-names', '--file=-'], {
      env,
      signal,
      stdio: [file.fd, 'pipe', 'pipe'],
    }) as ChildProcessByStdio<null, Readable, Readable>;
    const complaints: Buffer[] = [];
    child.stdout.on('data', take);
    child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
    const [status] = (await once(child, 'close')) as [number | null];
    return status === 0 ? [] : Buffer.concat(complaints).toString().trimEnd().split('\n').slice(-2);
  } finally {
    await file.close();
  }
};

const types = new Map<string | undefined, EntryType>([
  ['-', 'file'],
  ['C', 'file'],
  ['d', 'directory'],
  ['l', 'symlink'],
  ['h', 'link'],
]);

const text = String.raw`"((?:[^"\\]|\\.)*)"`;
const lineForm = new RegExp(
  String.raw`^(.)([-rwxsStT]{9}) +\S+ +(\d+) (-?\d+)-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? +${text}(?: (?:->|link to) ${text})?$`,
);

const readLine = (line: string): Omit<Listed, 'content'> | undefined => {
  const found = lineForm.exec(line);
  const type = types.get(found?.[1]);
  if (found === null || type === undefined) return undefined;
  const [, , letters = '', size, year, month, day, hour, minute, second, fraction = '', name, to = ''] =
    found;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  const target = unquote(to);
  return {
    path: normalized(unquote(name ?? '')),
    type,
    mode: modeOf(letters),
    mtimesNs: timesOf(BigInt(date.getTime()) * 1_000_000n, BigInt(fraction.padEnd(9, '0'))),
    size: Number(size),
    target: type === 'link' ? normalized(target) : target,
  };
};

/** GNU tar 1.34 lists a second and a half before 1970 as a second before it and `.5`; others may list it as two and `.5`. */
const timesOf = (seconds: bigint, fraction: bigint): bigint[] =>
  seconds <= 0n && fraction > 0n ? [seconds + fraction, seconds - fraction] : [seconds + fraction];

const normalized = (name: string): string => {
  const short = path.posix.normalize(name).replace(/\/+$/, '');
  return short === '.' ? '' : short;
};

/** The mode in letters: a lower-case s or t is the special bit with an x below, an upper-case one is without. */
const modeOf = (letters: string): number => {
  let mode = 0;
  for (const [at, letter] of letters.split('').entries()) {
    if (/[rwxst]/.test(letter)) mode |= 0o400 >> at;
    if (/[sStT]/.test(letter)) mode |= 0o4000 >> ((at - 2) / 3);
  }
  return mode;
};

const escapes: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

const unquote = (quoted: string): string => {
  const bytes = quoted.replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
    code.length === 3 ? String.fromCharCode(parseInt(code, 8)) : (escapes[code] ?? code),
  );
  return Buffer.from(bytes, 'latin1').toString();
};

/** Cuts a stream into the contents of files, whose sizes are known. */
class Contents {
  readonly hashes: (string | undefined)[];
  readonly #sizes: readonly (number | undefined)[];
  #at = -1;
  #left = 0;
  #hash: Hash | undefined;

  constructor(sizes: readonly (number | undefined)[]) {
    this.#sizes = sizes;
    this.hashes = sizes.map(() => undefined);
    this.#next();
  }

  add(chunk: Buffer): void {
    for (let rest = chunk; rest.length > 0 && this.#hash !== undefined;) {
      const piece = rest.subarray(0, this.#left);
      this.#hash.update(piece);
      this.#left -= piece.length;
      rest = rest.subarray(piece.length);
      this.#next();
    }
  }

  /** Ends what is complete, and goes on to the next file with content. */
  #next(): void {
    while (this.#left === 0) {
      if (this.#hash !== undefined) this.hashes[this.#at] = this.#hash.digest('hex');
      this.#hash = undefined;
      do {
        if (++this.#at >= this.#sizes.length) return;
      } while (this.#sizes[this.#at] === undefined);
      this.#left = this.#sizes[this.#at] ?? 0;
      this.#hash = createHash('sha256');
    }
  }
}
