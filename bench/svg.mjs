// What the charts are written with.
export const escape = (words) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('`', '');

export const text = (x, y, words, attributes = '') =>
  `<text x="${x}" y="${y}" ${attributes}>${escape(words)}</text>`;
