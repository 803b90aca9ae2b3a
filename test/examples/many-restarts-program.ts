// Restores many images one after the other, as the program would each by itself: starting it for each costs more than the
// restore. Reads pairs of an image and a target as JSON, and prints what each ended with as JSON.
import { text } from 'node:stream/consumers';
import { runCommand } from '../../examples/checkpoint-restart/command.js';
import { Progress } from '../../examples/checkpoint-restart/progress.js';

/** Calls `fn` and returns what it has written to the stream. */
const captured = async (stream: NodeJS.WriteStream, fn: () => Promise<void>): Promise<string> => {
  let written = '';
  const write = stream.write.bind(stream);
  stream.write = (chunk: string | Uint8Array): boolean => {
    written += String(chunk);
    return true;
  };
  try {
    await fn();
  } finally {
    stream.write = write;
  }
  return written;
};

const pairs = JSON.parse(await text(process.stdin)) as [image: string, target: string][];
const ended: object[] = [];
for (const [image, target] of pairs) {
  let status: number | undefined;
  let stdout = '';
  const stderr = await captured(process.stderr, async () => {
    stdout = await captured(process.stdout, async () => {
      status = await runCommand(['restart', image, target], new AbortController().signal, new Progress());
    });
  });
  ended.push({ status, stdout, stderr });
}
process.stdout.write(JSON.stringify(ended));
