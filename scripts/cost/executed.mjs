// How much of a file was executed, from V8's precise coverage. Pure functions: test/cost holds them.

/** Spaces and comments, which are left out, or one token. A template counts as one, which is near enough. */
const PIECE =
  /(?<skipped>\s+|\/\/[^\n]*|\/\*[^]*?\*\/)|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[^]|[^`\\])*`|[\w$#\u0080-\uFFFF]+|=>|\?\?=?|\?\.|\.{3}|[=!]==?|&&=?|\|\|=?|\+\+|--|[-+*/<>]=|[^]/gu;

/** Where the tokens of a JavaScript text begin: as good as counting them, for texts whose quotes in regular expressions pair up. */
export const tokensOf = (text) => {
  const starts = [];
  for (const { index, groups } of text.matchAll(PIECE)) if (groups.skipped === undefined) starts.push(index);
  return starts;
};

/**
 * How many functions were called, and over how many tokens execution has gone: each token counts as often as the innermost
 * range around it was entered. That does not change with names, comments or how V8 cuts blocks.
 */
export const executedIn = (text, functions) => {
  let calls = 0;
  const ranges = [];
  for (const { ranges: own } of functions) {
    calls += own[0].count;
    ranges.push(...own);
  }
  ranges.sort((one, other) => one.startOffset - other.startOffset || other.endOffset - one.endOffset);
  let tokens = 0;
  let next = 0;
  const around = [];
  for (const start of tokensOf(text)) {
    while (next < ranges.length && ranges[next].startOffset <= start) around.push(ranges[next++]);
    while (around.length > 0 && around.at(-1).endOffset <= start) around.pop();
    tokens += around.at(-1)?.count ?? 0;
  }
  return { calls, tokens };
};
