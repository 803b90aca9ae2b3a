/** Line ends, control characters of a terminal, and characters that reverse the direction of text. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Escapes the text so that it stays on one line and cannot control a terminal. @internal */
export const printable = (text: string): string =>
  text.replace(CONTROL, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The name as a quoted, printable string. @internal */
export const quoted = (name: string): string => printable(JSON.stringify(name));

/** The name and id, as in `"checkout" #3`, or `#3` without a name. @internal */
export const labelled = (name: string | null | undefined, id: number): string =>
  name === null || name === undefined ? `#${id}` : `${quoted(name)} #${id}`;

/** How many characters of a reason are shown. An error message may contain a whole document. */
const LONGEST_REASON = 200;

/** Formats any thrown value as one line. @internal */
export const reasonText = (reason: unknown): string => {
  let text: string;
  try {
    text = String(reason).replaceAll(/\s+/g, ' ');
  } catch {
    return '(what was thrown cannot be shown)';
  }
  return printable(text.length > LONGEST_REASON ? `${text.slice(0, LONGEST_REASON)}…` : text);
};
