/** Line ends, control characters of a terminal, and characters that reverse the direction of text. */
const control = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Escapes a line so that it stays one line and cannot control a terminal: names in an image are not ours. */
export const printable = (line: string): string =>
  line.replace(control, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Prints lines on stdout. */
export const print = (...lines: readonly string[]): void => {
  for (const line of lines) console.log(printable(line));
};

/** Prints lines on stderr. */
export const printError = (...lines: readonly string[]): void => {
  process.stderr.write(lines.map((line) => `${printable(line)}\n`).join(''));
};

const longestQuoted = 200;

/** A name as a message shows it: quoted, and cut where it is endless. */
export const quoted = (name: string): string =>
  JSON.stringify(name.length > longestQuoted ? `${name.slice(0, longestQuoted)}…` : name);
