import type { Call } from './program.js';
import type { Scope } from './scope.js';
import type { Play, Step } from './subject.js';

/** Makes a call, writes what it gives or throws, and throws that too unless it is caught. */
export function* attempt(
  scope: Scope,
  { caught, foreign }: Call,
  label: string,
  awaited: boolean,
  make: Step,
  describe: (value: unknown) => string = (value) => scope.stage.describe(value),
  isStrand = false,
): Play {
  const { stage, strand } = scope;
  // How a strand settles, it learns itself, when whoever waits for it may be further on.
  const write = (line: string): void => (isStrand ? stage.tell(strand, line) : stage.write(strand, line));
  const made = foreign === undefined ? make : () => stage.subject.foreign.run(foreign, make);
  try {
    const value = awaited ? yield made : made();
    write(`${label} gives ${describe(value)}`);
    return value;
  } catch (error) {
    write(`${label} throws ${describe(error)}`);
    if (!caught) throw error;
    return undefined;
  }
}
