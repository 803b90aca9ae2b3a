import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { filesIn, requireBuild, root } from '../package/built.js';
import { readSnippets } from './read-snippets.js';
import type { Snippet } from './read-snippets.js';

if (!existsSync(`${root}README.md`)) {
  throw new Error('There is no README.md: its snippets are part of what is tested');
}

/** Ignored by git, and inside the package: a snippet's import of `deferqueue` finds the package itself. */
const folder = `${root}build/snippets`;

/** All but the reference that `npm run docs:api` makes: its examples are those of the doc comments. */
const isWritten = (file: string): boolean => file.endsWith('.md') && !file.startsWith('docs/api/');

const pages = ['README.md', ...filesIn('docs').filter(isWritten)].map((page) => {
  const text = readFileSync(root + page, 'utf8');
  const snippets = readSnippets(page, text).map((snippet) => {
    const name = `${page.replaceAll('/', '__').replace(/\.md$/, '')}.line-${snippet.line}`;
    return { ...snippet, name, place: `${page}:${snippet.line}` };
  });
  return { page, text, snippets };
});

const all = pages.flatMap(({ snippets }) => snippets);

/** So many empty lines before the code that a line's number is the one that it has in the page. */
const asModule = ({ code, line }: Snippet): string => `${'\n'.repeat(line - 1)}${code}\n`;

interface Result {
  readonly failure: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (name: string): Promise<Result> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--enable-source-maps', `${folder}/out/${name}.js`],
      { cwd: folder, timeout: 20_000, env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' } },
      (failure, stdout, stderr) => resolve({ failure, stdout, stderr }),
    );
  });

let compiled: { readonly status: number | null; readonly output: string };

beforeAll(() => {
  requireBuild();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const snippet of all) writeFileSync(`${folder}/${snippet.name}.ts`, asModule(snippet));
  const compilerOptions = {
    noEmit: false,
    noEmitOnError: false,
    rootDir: '.',
    outDir: 'out',
    sourceMap: true,
  };
  const config = { extends: '../../tsconfig.json', compilerOptions, include: ['*.ts'], exclude: [] };
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(config));
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', folder], {
    cwd: folder,
    encoding: 'utf8',
  });
  compiled = { status, output: stdout + stderr };
});

describe('the snippets of README.md and docs', () => {
  test('no block is passed over: there are as many snippets as lines that open a ts block', () => {
    for (const { page, text, snippets } of pages) {
      expect(snippets.length, page).toBe(text.match(/^[ \t>]*(```+|~~~+)ts\b/gm)?.length ?? 0);
    }
    expect(all.length).toBeGreaterThan(0);
  });

  test('all of them compile under strict settings', () => {
    expect(compiled.output).toBe('');
    expect(compiled.status).toBe(0);
  });

  test.each(all.map((snippet) => [snippet.place, snippet] as const))(
    '%s runs, and prints what the page says',
    async (_place, { name, prints }) => {
      const { failure, stdout, stderr } = await run(name);
      expect(failure, stderr).toBeNull();
      // A warning is a failure that no code has seen. What comes too late is one, and some pages show that.
      const warnings = stderr.split('\n').filter((line) => line.startsWith('(node:'));
      expect(warnings.filter((line) => !line.includes('[DEFERQUEUE_WORK_REFUSED]'))).toEqual([]);
      if (prints !== undefined) expect(stdout).toBe(prints);
    },
  );
});

describe('what the reader of snippets finds', () => {
  const fence = (lang: string, code: string): string => `\`\`\`${lang}\n${code}\n\`\`\`\n`;

  test('a block with its line and the output after "prints:"', () => {
    const page = `# Title\n\n${fence('ts', 'a();')}\nThis prints:\n\n${fence('text', 'a\nb')}`;
    expect(readSnippets('page.md', page)).toEqual([{ code: 'a();', line: 4, prints: 'a\nb\n' }]);
  });

  test('blocks in lists and quotes, and text blocks that are no output', () => {
    const page = `- item\n\n  \`\`\`ts\n  a();\n  \`\`\`\n\n> ${fence('ts', '> b();').replace(/\n```/, '\n> ```')}\n${fence('text', 'art')}`;
    expect(readSnippets('page.md', page).map(({ code, prints }) => [code, prints])).toEqual([
      ['a();', undefined],
      ['b();', undefined],
    ]);
  });

  test.each([
    ['a block in another spelling of the language', fence('typescript', 'a();')],
    ['a block of JavaScript', fence('js', 'a();')],
    ['a block that is marked with a word', fence('ts ignore', 'a();')],
    ['an output without a block before it', `prints:\n\n${fence('text', 'a')}`],
    ['a block whose output is missing', `${fence('ts', 'a();')}\nprints:\n\nmore text\n`],
  ])('refuses %s', (_what, page) => {
    expect(() => readSnippets('page.md', page)).toThrow(/^page\.md:1|^page\.md:5/);
  });
});
