/** Characters that take two columns of a terminal, and those that take none. */
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]/u;
const NONE = /[\p{Mn}\p{Me}\p{Cf}]/u;

const columnsOf = (char: string): number => {
  if (NONE.test(char)) return 0;
  return WIDE.test(char) ? 2 : 1;
};

/** How many columns of a terminal a text takes. @internal */
export const columns = (text: string): number => {
  let count = 0;
  for (const char of text) count += columnsOf(char);
  return count;
};

/** The text in just so many columns: cut with `…`, or filled with spaces. @internal */
export const fit = (text: string, width: number): string => {
  const missing = width - columns(text);
  if (missing >= 0) return text + ' '.repeat(missing);
  let cut = '';
  let count = 0;
  for (const char of text) {
    if (count + columnsOf(char) > width - 1) break;
    cut += char;
    count += columnsOf(char);
  }
  return `${cut}…${' '.repeat(width - 1 - count)}`;
};
