// What Stryker loads for the mutation check: which literals it leaves alone, and which mutants the compiler finds before any test
// has to.
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const FOLDER = 'build/mutation';

/** Sentences are not mutated: no test holds the wording of a message. Words that the code compares have no spaces. */
const wording = {
  shouldIgnore: (at) =>
    at.isStringLiteral() && at.node.value.includes(' ') ? 'the wording of a message' : undefined,
};

/** The code between two places, each with a line and a column that count from 0. */
const split = (source, { start, end }) => {
  const lines = source.split('\n');
  const offset = ({ line, column }) => lines.slice(0, line).join('\n').length + (line > 0 ? 1 : 0) + column;
  return [
    source.slice(0, offset(start)),
    source.slice(offset(start), offset(end)),
    source.slice(offset(end)),
  ];
};

/**
 * Asks the compiler about all mutants at once: each is a file of its own beside the one that it was made from. One that draws an
 * error which the unchanged code, in the same place, does not draw is refused.
 */
class Compiler {
  init() {}

  group(mutants) {
    return [mutants.map(({ id }) => id)];
  }

  check(mutants) {
    const folder = `${FOLDER}/types`;
    rmSync(folder, { recursive: true, force: true });
    cpSync('src', `${folder}/src`, { recursive: true });
    const beside = (file, id) => `${folder}/${file.replace(/\.ts$/, `.mutant-${id}.ts`)}`;
    const fileOf = ({ fileName }) => path.relative('.', fileName).replaceAll(path.sep, '/');
    for (const mutant of mutants) {
      const file = fileOf(mutant);
      const source = readFileSync(file, 'utf8');
      const [before, , after] = split(source, mutant.location);
      writeFileSync(beside(file, 'none'), source);
      writeFileSync(beside(file, mutant.id), before + mutant.replacement + after);
    }
    // What is merely unused is no error of types.
    const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false, allowUnreachableCode: true };
    const tsconfig = { extends: '../../../tsconfig.json', compilerOptions, include: ['src'] };
    writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(tsconfig));
    const { stdout } = spawnSync('npx', ['tsc', '-p', folder, '--pretty', 'false'], {
      encoding: 'utf8',
      maxBuffer: Infinity,
    });
    rmSync(folder, { recursive: true });

    const errors = new Map();
    for (const [, file, message] of stdout.matchAll(/^(.+\.mutant-\w+\.ts)\(\d+,\d+\): error (.*)$/gm)) {
      errors.set(file, [...(errors.get(file) ?? []), message]);
    }
    const messages = (file) => [...(errors.get(file) ?? [])];
    const verdicts = mutants.map((mutant) => {
      const usual = messages(beside(fileOf(mutant), 'none'));
      const reason = messages(beside(fileOf(mutant), mutant.id)).find((message) => {
        const index = usual.indexOf(message);
        if (index >= 0) usual.splice(index, 1);
        return index < 0;
      });
      return [mutant.id, reason === undefined ? { status: 'passed' } : { status: 'compileError', reason }];
    });
    return Object.fromEntries(verdicts);
  }
}

export const strykerPlugins = [
  { kind: 'Ignore', name: 'wording', value: wording },
  { kind: 'Checker', name: 'compiler', injectableClass: Compiler },
];
