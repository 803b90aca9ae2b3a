import type { Difference } from './verify.js';

const listed = 20;

/** How many entries are wrong: one can differ in several ways. */
export const wrongEntries = (differences: readonly Difference[]): number =>
  new Set(differences.map(({ path }) => path)).size;

/** How many entries are wrong in which way. */
export const differencesByKind = (differences: readonly Difference[]): string => {
  const kinds = new Map<string, number>();
  for (const { kind } of differences) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return [...kinds].map(([kind, count]) => `${kind} ${count}`).join(', ');
};

/** The first of the lines, and how many more there are. */
export const firstLines = (lines: readonly string[]): string[] => {
  const more = lines.length - listed;
  return [...lines.slice(0, listed), ...(more > 0 ? [`and ${more} more`] : [])].map((line) => `  ${line}`);
};

/** Columns of text, each as wide as it has to be; the first one to the left, the others to the right. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
