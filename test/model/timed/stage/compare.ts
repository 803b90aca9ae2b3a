import { saturate } from '../contract/saturate.js';
import { differsInErrors } from './same.js';
import type { Stage } from './stage.js';
import { synchronize } from './synchronize.js';
import { tell } from './watch.js';

/** Everything is quiet: what the library shows has to be what the contract says. */
export function compare(stage: Stage): void {
  synchronize(stage);
  saturate(stage.world);
  compareStates(stage);
  compareWatches(stage);
  compareHeard(stage);
}

function compareStates({ world, operations, tasks, works }: Stage): void {
  for (const { model, library } of operations) {
    if (library.state !== model.state)
      world.complain(`${model.name} is ${library.state}, not ${model.state}`);
    if (library.pending !== model.pending)
      world.complain(`${model.name} has ${library.pending} pending, not ${model.pending}`);
  }
  for (const { model, library } of tasks) {
    if (library.state !== model.state)
      world.complain(`${model.name} is ${library.state}, not ${model.state}`);
  }
  for (const { model, library } of works) {
    if (library.state !== model.state)
      world.complain(`${model.name} is ${library.state}, not ${model.state}`);
  }
}

function compareWatches(stage: Stage): void {
  const { world } = stage;
  const left = stage.watches.filter(({ seen, expected, differs, label }) => {
    const settlement = expected();
    if (settlement === undefined) return true;
    if (seen === undefined) {
      world.complain(`${label} should have settled by now`);
      return false;
    }
    const difference = differs(seen, settlement);
    if (difference !== undefined) world.complain(`${label} has ${tell(seen)}: ${difference}`);
    return false;
  });
  stage.watches = left;
}

/** G21: every failure is heard once. */
function compareHeard({ world, heard }: Stage): void {
  for (const operation of world.operations) {
    if (!operation.settings.hears) continue;
    const errors = heard.filter((each) => each.operation === operation).map(({ error }) => error);
    const difference = differsInErrors(errors, operation);
    if (difference !== undefined) world.complain(`onWorkError of ${operation.name} ${difference}`);
  }
}
