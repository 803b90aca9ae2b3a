import { attempt } from './attempt.js';
import { performParticipant } from './participants.js';
import { performDefer, performUse } from './registration.js';
import { operationOptions } from './plans.js';
import type { Statement } from './program.js';
import type { Scope } from './scope.js';
import { Strand } from './strand.js';
import type { Play } from './subject.js';

/** The n-th of what there is so far. */
const nth = <T>(all: readonly T[], n: number): T | undefined => all[n % all.length];

export function* performStatement(statement: Statement, scope: Scope): Play {
  const { stage, strand, work } = scope;
  const { subject } = stage;
  switch (statement.kind) {
    case 'defer':
      return yield* performDefer(statement, scope);
    case 'use':
      return yield* performUse(statement, scope);
    case 'cancel': {
      const deferred = nth(strand.works, statement.work);
      return deferred && (yield* attempt(scope, statement, 'cancel', false, () => deferred.cancel()));
    }
    case 'abort':
      nth(strand.controllers, statement.signal)?.abort(new Error('aborted later'));
      return undefined;
    case 'look': {
      const deferred = nth(strand.works, statement.work);
      void deferred?.settled;
      stage.write(strand, `look: ${deferred?.name} ${deferred?.state}`);
      return undefined;
    }
    case 'probe':
      stage.write(strand, `probe ${stage.where()} signals ${stage.signals(work)}`);
      return undefined;
    case 'capture':
      strand.captures.push({ inside: subject.capture(), isEntered: false });
      return undefined;
    case 'fail': {
      const operation = nth(strand.opened, statement.opened);
      const label = strand.label('fail');
      return (
        operation && (yield* attempt(scope, statement, label, false, () => operation.fail(new Error(label))))
      );
    }
    case 'tick':
      return yield subject.ticks(statement.ticks);
    case 'flush': {
      const operation = statement.via === 'ambient' ? subject : nth(strand.operations, statement.via);
      return operation && (yield* attempt(scope, statement, 'flush', true, () => operation.flush()));
    }
    case 'operation':
    case 'task':
      return yield* performParticipant(statement, scope);
    case 'open': {
      const label = strand.label('o');
      const options = operationOptions({ ...statement.plan, name: label }, stage, strand, label);
      return yield* attempt(scope, statement, `open ${label}`, false, () => {
        const operation = subject.openOperation(options);
        strand.operations.push(operation);
        strand.opened.push(operation);
        scope.opened.push(operation);
      });
    }
    case 'run': {
      const { via } = statement;
      const operation = via === 'outside' ? { run: stage.subject.runOutside } : nth(strand.operations, via);
      const body = (): unknown => {
        stage.write(strand, `run ${stage.where()}`);
        return scope.call(statement.body, stage, strand);
      };
      return operation && (yield* attempt(scope, statement, 'run', true, () => operation.run(body)));
    }
    case 'close': {
      const operation = nth(strand.opened, statement.opened);
      return operation && (yield* attempt(scope, statement, 'close', true, () => operation.close()));
    }
    case 'leaked': {
      const capture = nth(strand.captures, statement.capture);
      if (capture === undefined || capture.isEntered) return undefined;
      const body = (): unknown => {
        stage.write(strand, `leaked ${stage.where()}`);
        return scope.call(statement.body, stage, strand, work);
      };
      capture.isEntered = true;
      try {
        return yield* attempt(scope, statement, 'leaked', true, () => capture.inside(body));
      } finally {
        capture.isEntered = false;
      }
    }
    case 'together': {
      const plays = statement.strands.map((each) => {
        const own = new Strand(strand.label('s'), strand);
        return () => subject.drive('async', performParticipant(each, { ...scope, strand: own, opened: [] }));
      });
      return yield subject.together(plays, statement.awaited);
    }
    default:
      return statement satisfies never;
  }
}
