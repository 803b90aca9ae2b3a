import { createRuntime } from 'deferqueue';
import type { Scheduler } from 'fast-check';
import { vi } from 'vitest';
import { checkEnds } from '../contract/invariants.js';
import { nextDeadline, passDeadlines } from '../contract/deadlines.js';
import type { TimedProgram } from '../program/timed-program.js';
import { quiescence, unit } from './clock.js';
import { compare } from './compare.js';
import { call } from './perform.js';
import { sharedCarrier } from './shared-carrier.js';
import { Stage } from './stage.js';
import { performStatement } from './statements.js';
import { compareWarnings } from './warnings.js';

/** What the process tells of while a program is performed. */
export interface Incidents {
  readonly warnings: Error[];
  readonly rejections: unknown[];
}

class Disagreement extends Error {
  constructor({ world, log }: Stage) {
    super(`${world.complaints.join('\n')}\n\nafter:\n  ${log.join('\n  ')}`);
    this.name = 'Disagreement';
  }
}

/** What the contract leaves open: the program is given up. */
class Undecided extends Error {}

/**
 * Performs a program under a schedule, and compares library and model after every event of it. Returns what the contract
 * leaves open in the program, if anything: it was given up there.
 */
export async function runProgram(
  program: TimedProgram,
  scheduler: Scheduler,
  incidents: Incidents,
): Promise<ReadonlySet<string>> {
  // A program that was given up may have left timers.
  vi.clearAllTimers();
  incidents.warnings.length = incidents.rejections.length = 0;
  const stage = new Stage(createRuntime({ carrier: sharedCarrier }), scheduler);
  try {
    start(program, stage);
    await settle(stage);
    await playSchedule(stage);
    await end(stage, program, incidents);
  } catch (error) {
    if (!(error instanceof Undecided)) throw error;
  }
  return stage.world.undecided;
}

function start({ statements, times }: TimedProgram, stage: Stage): void {
  const place = { operation: undefined, task: undefined, token: 'main' };
  const scope = { stage, place, inside: [], work: undefined, opened: [], call };
  for (const statement of statements) performStatement(statement, scope)?.catch(() => undefined);
  for (const units of times) void stage.timePasses(units);
}

/** One event after the other, in the order that the scheduler draws; then time passes until nothing is due any more. */
async function playSchedule(stage: Stage): Promise<void> {
  const { scheduler, world, clock } = stage;
  for (;;) {
    if (world.step > 1000) throw new Error('The program does not end');
    const due = Math.min(nextDeadline(world), clock.nextSleep);
    if (scheduler.count() > 0) {
      stage.step(stage.world.step + 1);
      await scheduler.waitNext(1);
      await settle(stage);
      const units = stage.passing.shift();
      if (units !== undefined) await advance(stage, clock.now + units * unit);
    } else if (due < Infinity) {
      await advance(stage, due);
    } else return;
  }
}

/** Advances the clock from one deadline to the next, since what each brings about takes place before the next is over. */
async function advance(stage: Stage, target: number): Promise<void> {
  const { world, clock } = stage;
  while (clock.now < target) {
    const next = Math.min(target, nextDeadline(world), clock.nextSleep);
    stage.step(world.step + 1);
    stage.say(`it is ${next}`);
    world.now = next;
    passDeadlines(world);
    clock.advanceTo(next);
    await settle(stage);
  }
}

/** Nothing is due any more: what has no function that never settles has ended, and all of it is accounted for. */
async function end(stage: Stage, program: TimedProgram, { warnings, rejections }: Incidents): Promise<void> {
  const { world, works } = stage;
  for (const work of works) stage.watchWork(work);
  await settle(stage);
  compareWarnings(stage, warnings);
  checkEnds(world);
  for (const reason of rejections) world.complain(`nobody handles ${String(reason)}`);
  // A function that awaits the end of what awaits its own end hangs by right.
  if (stage.watches.length > 0 && !/"never"|"close".*"awaited":true/.test(JSON.stringify(program)))
    for (const { label } of stage.watches) world.complain(`${label} never settles`);
  check(stage);
}

async function settle(stage: Stage): Promise<void> {
  await quiescence(() => stage.log.length);
  compare(stage);
  check(stage);
}

function check(stage: Stage): void {
  if (stage.world.undecided.size > 0) throw new Undecided();
  if (stage.world.complaints.length > 0) throw new Disagreement(stage);
}
