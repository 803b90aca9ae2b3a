/** Ends of lines, and what a terminal would obey or would turn the rest of the line around for. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** A text that stays on its line and leaves a terminal as it is, whoever has chosen it. @internal */
export const printable = (text: string): string =>
  text.replace(CONTROL, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** @internal */
export const quoted = (name: string): string => printable(JSON.stringify(name));

/** Names one of many: `"checkout" #3`, or `#3` where it has no name. @internal */
export const labelled = (name: string | null | undefined, id: number): string =>
  name === null || name === undefined ? `#${id}` : `${quoted(name)} #${id}`;

/** Characters of a reason that are shown: it may have a whole document in it. */
const LONGEST_REASON = 200;

/** Whatever was thrown, as one line. @internal */
export const reasonText = (reason: unknown): string => {
  let text: string;
  try {
    text = String(reason).replaceAll(/\s+/g, ' ');
  } catch {
    return '(what was thrown cannot be shown)';
  }
  return printable(text.length > LONGEST_REASON ? `${text.slice(0, LONGEST_REASON)}…` : text);
};
