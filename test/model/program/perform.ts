import { describeRow } from './describe.js';
import { performStatement } from './statements.js';
import { isAwaiting, type Body, type Program } from './program.js';
import type { Stage, Observation } from './stage.js';
import type { Scope } from './scope.js';
import { Strand } from './strand.js';
import type { Play, WorkView } from './subject.js';
import type { WorkReport } from 'deferqueue';

/** A function of a program, called. Only an asynchronous one that `awaits` performs what has to be awaited. */
function call(body: Body, stage: Stage, strand: Strand, work?: WorkView, awaits = true): unknown {
  return stage.subject.drive(body.mode, play(body, { stage, strand, work, opened: [], call }, awaits));
}

function* play(body: Body, scope: Scope, awaits: boolean): Play {
  const { stage, strand } = scope;
  // Taken at the beginning, since an asynchronous discard ends at a time of which nothing is promised.
  const end = strand.label('v');
  try {
    for (const statement of body.statements) {
      if (isAwaiting(statement) && !(awaits && body.mode === 'async')) continue;
      yield* performStatement(statement, scope);
    }
    if (body.mode === 'async' && body.ticks > 0) yield stage.subject.ticks(body.ticks);
    if (body.ends === 'throws') throw new Error(`error of ${end}`);
    if (body.ends === 'throws undefined') throw undefined;
    return end;
  } finally {
    yield* closeAll(scope);
  }
}

function* closeAll({ stage, strand, opened }: Scope): Play {
  for (const operation of opened.toReversed()) {
    if (operation.state === 'closed') continue;
    try {
      stage.write(strand, `close at the end gives ${stage.describe(yield () => operation.close())}`);
    } catch (error) {
      stage.write(strand, `close at the end throws ${stage.describe(error)}`);
    }
  }
  return undefined;
}

/** The whole program, to what can be observed of it but for the process warnings, which only the caller sees. */
export function* perform(
  program: Program,
  stage: Stage,
): Generator<() => unknown, Omit<Observation, 'warnings'>> {
  const body: Body = { mode: 'async', statements: program, ticks: 0, ends: 'returns' };
  const strand = new Strand('');
  try {
    yield* play(body, { stage, strand, work: undefined, opened: [], call }, true);
  } catch (error) {
    stage.write(strand, `the program throws ${stage.describe(error)}`);
  }
  const works: string[] = [];
  for (const { label, deferred } of stage.works) {
    const report = (yield () => deferred.settled) as WorkReport;
    works.push(`${label} ${deferred.state}: ${describeRow(report, stage.told)}`);
  }
  return stage.ordered
    ? { log: stage.log, works, heard: stage.heard.toSorted() }
    : { log: stage.log, works: works.toSorted(), heard: stage.heard.toSorted() };
}
