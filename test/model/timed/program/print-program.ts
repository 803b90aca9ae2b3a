import type { Body, DeferStatement, Statement, TimedProgram } from './timed-program.js';

/** A program as a reader would write it down. */
export function printProgram({ statements, times }: TimedProgram): string {
  const lines = statements.flatMap((statement) => printStatement(statement));
  return `\n${lines.join('\n')}\ntime advances by ${times.join(', ')} units\n`;
}

const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

function printBody(head: string, { mode, statements, ends }: Body): string[] {
  const inner = indent(statements.flatMap((statement) => printStatement(statement)));
  const last = ends === 'throws' ? ['  throw'] : [];
  return inner.length + last.length === 0
    ? [`${head} ${mode} {}`]
    : [`${head} ${mode} {`, ...inner, ...last, '}'];
}

/** Options that are given, and that are not what is given by default. */
function printOptions(options: object): string {
  const given = Object.entries(options).filter(
    ([, value]) => value !== undefined && value !== 'none' && value !== 'default' && value !== false,
  );
  return given.map(([name, value]) => `${name}: ${String(value)}`).join(', ');
}

function printDefer({ via, plan: { discard, ...plan }, run, watched }: DeferStatement): string[] {
  const lines = printBody(
    `defer(${printOptions({ via: via === 'ambient' ? undefined : via, ...plan, watched })})`,
    run,
  );
  return discard === undefined ? lines : [...lines, ...indent(printBody('discard', discard))];
}

function printStatement(statement: Statement): string[] {
  if (statement.kind === 'defer') return printDefer(statement);
  const { kind, ...rest } = statement;
  const { body, dispose, plan, ...options } = rest as { body?: Body; dispose?: Body; plan?: object };
  const head = `${kind}(${printOptions({ ...options, ...plan })})`;
  const inner = body ?? dispose;
  return inner === undefined ? [head] : printBody(head, inner);
}
