/** Characters that take two columns of a terminal. */
const WIDE =
  /[\u1100-\u115F\u2329\u232A\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{17000}-\u{18CFF}\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}]/u;
/** Characters that take no column. */
const NONE = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11FF]/u;
/** A cluster shown as one emoji: a flag, a family, a symbol with an emoji variation selector. */
const PICTURE = /^\p{Emoji_Presentation}|\uFE0F/u;
const PLAIN = /^[ -~]*$/;

const segmenter = new Intl.Segmenter('en');

const columnsOf = (cluster: string): number => {
  if (PICTURE.test(cluster)) return 2;
  let count = 0;
  for (const char of cluster) if (!NONE.test(char)) count += WIDE.test(char) ? 2 : 1;
  return count;
};

/** How many columns of a terminal a text takes. @internal */
export const columns = (text: string): number => {
  if (PLAIN.test(text)) return text.length;
  let count = 0;
  for (const { segment } of segmenter.segment(text)) count += columnsOf(segment);
  return count;
};

/** The text in exactly `width` columns: cut with `…`, or padded with spaces. @internal */
export const fit = (text: string, width: number): string => {
  const missing = width - columns(text);
  if (missing >= 0) return text + ' '.repeat(missing);
  let cut = '';
  let count = 0;
  for (const { segment } of segmenter.segment(text)) {
    const more = columnsOf(segment);
    if (count + more > width - 1) break;
    cut += segment;
    count += more;
  }
  return `${cut}…${' '.repeat(width - 1 - count)}`;
};
