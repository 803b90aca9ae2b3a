// What Stryker loads for the mutation check: which literals it leaves alone, which mutants the compiler finds before any test
// has to, and the list of those that nothing found.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

const oneLine = (code) => {
  const text = code.replaceAll(/\s+/g, ' ');
  return text.length > 70 ? `${text.slice(0, 67)}...` : text;
};

const STATES = {
  found: ['Killed', 'Timeout', 'RuntimeError'],
  survived: ['Survived', 'NoCoverage'],
  'not compiled': ['CompileError'],
  ignored: ['Ignored'],
};

const row = (name, mutants) => {
  const counts = Object.values(STATES).map(
    (states) => mutants.filter(({ status }) => states.includes(status)).length,
  );
  const [found, survived] = counts;
  const score = found + survived === 0 ? '' : `${((100 * found) / (found + survived)).toFixed(1)} %`;
  return line(name, [score, ...counts]);
};

const line = (name, cells) => name.padEnd(34) + cells.map((cell) => String(cell).padStart(13)).join('');

/** Writes build/mutation/survivors.txt: a table of the files, and a line for each mutant that nothing found. */
class Survivors {
  onMutationTestReportReady({ files }) {
    const all = Object.entries(files);
    const table = [
      line('file', ['score', ...Object.keys(STATES)]),
      ...all.map(([file, { mutants }]) => row(file, mutants)),
      row(
        'all',
        all.flatMap(([, { mutants }]) => mutants),
      ),
    ];
    const list = all.flatMap(([file, { source, mutants }]) =>
      mutants
        .filter(({ status }) => STATES.survived.includes(status))
        .toSorted((one, other) => one.location.start.line - other.location.start.line)
        .map(({ location: { start, end }, mutatorName, replacement, status }) => {
          const fromZero = (place) => ({ line: place.line - 1, column: place.column - 1 });
          const [, original] = split(source, { start: fromZero(start), end: fromZero(end) });
          return (
            `${file}:${start.line}:${start.column} ${mutatorName}: ${oneLine(original)} → ${oneLine(replacement)}` +
            (status === 'NoCoverage' ? ' (no test gets there)' : '')
          );
        }),
    );
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(`${FOLDER}/survivors.txt`, [...table, '', ...list, ''].join('\n'));
    console.log(['', ...table, '', `What survived is listed in ${FOLDER}/survivors.txt`].join('\n'));
  }
}

export const strykerPlugins = [
  { kind: 'Ignore', name: 'wording', value: wording },
  { kind: 'Checker', name: 'compiler', injectableClass: Compiler },
  { kind: 'Reporter', name: 'survivors', injectableClass: Survivors },
];
