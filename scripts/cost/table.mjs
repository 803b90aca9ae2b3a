// What is printed: for each workload what the library costs, what is written by hand costs, and the ratio of the two.
import { COUNTS, written } from './compare.mjs';

const WIDTH = 12;

const row = (title, cells) =>
  `  ${title.padEnd(12)}${cells.map((cell) => cell.padStart(WIDTH + 1)).join('')}`;

const cellsOf = (write) => Object.keys(COUNTS).map((name) => write(name));

const ratio = (one, other) => (other > 0 ? `× ${(one / other).toFixed(2)}` : '');

/** `costs` has for each workload what each subject costs there, by the subject's name; `base` is what the first is compared with. */
export const table = (workloads, costs, subject, base) => {
  const lines = [
    row(
      '',
      cellsOf((name) => COUNTS[name].title),
    ),
  ];
  for (const { name, title, per } of workloads) {
    const { [subject]: own, [base]: other } = costs[name];
    lines.push(
      `${name}, ${title}: for each ${per}`,
      row(
        subject,
        cellsOf((count) => written(own[count])),
      ),
    );
    if (other === undefined) continue;
    lines.push(
      row(
        base,
        cellsOf((count) => written(other[count])),
      ),
      row(
        '',
        cellsOf((count) => ratio(own[count], other[count])),
      ),
    );
  }
  return lines.join('\n');
};
