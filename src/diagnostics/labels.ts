/** Ends of lines, and what a terminal would obey. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/gu;

/** A text that stays on its line and leaves a terminal as it is, whoever has chosen it. @internal */
export const printable = (text: string): string =>
  text.replace(CONTROL, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** @internal */
export const quoted = (name: string): string => printable(JSON.stringify(name));

/** Names one of many: `"checkout" #3`, or `#3` where it has no name. @internal */
export const labelled = (name: string | null | undefined, id: number): string =>
  name === null || name === undefined ? `#${id}` : `${quoted(name)} #${id}`;
