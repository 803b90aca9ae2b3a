import { readFileSync } from 'node:fs';
import { root } from './program.js';

/** A row of the table in examples/README.md. */
export interface Row {
  readonly problem: string;
  readonly file: string;
  /** What is set as code in the last column: parts of what the example prints. */
  readonly printed: readonly string[];
}

/** The rows of the table that names the examples; the file is relative to the folder of the examples. */
export const rows = (): Row[] =>
  readFileSync(`${root}examples/README.md`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, problem, link, prints] = line.split('|').map((cell) => cell.trim());
      const file = /^\[[^\]]+\]\(([^)]+)\)/.exec(link ?? '')?.[1];
      if (problem === undefined || file === undefined || prints === undefined || prints === '') return [];
      return [{ problem, file, printed: [...prints.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '') }];
    });
