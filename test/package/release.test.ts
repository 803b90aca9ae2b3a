import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { root } from './built.js';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly needs?: string;
  readonly 'runs-on': string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly node: readonly string[] } };
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, { readonly tags?: readonly string[] } | null>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = `${root}.github/workflows/`;
const names = readdirSync(folder);

const parse = (name: string) => parseDocument(readFileSync(folder + name, 'utf8'));
const workflow = (name: string): Workflow => parse(name).toJS() as Workflow;
const commands = ({ steps }: Job): string[] => steps.flatMap(({ run }) => run ?? []);
const readJson = (path: string): unknown => JSON.parse(readFileSync(root + path, 'utf8'));

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly publishConfig: object;
}

const manifest = readJson('package.json') as Manifest;

describe.each(names)('the workflow %s', (name) => {
  test('is YAML without errors or warnings', () => {
    const { errors, warnings } = parse(name);
    expect([...errors, ...warnings]).toEqual([]);
  });

  test('may read and no more, but for jobs that say so', () => {
    expect(workflow(name).permissions).toEqual({ contents: 'read' });
  });

  test('pins every action, by its major version at least', () => {
    const used = Object.values(workflow(name).jobs).flatMap(({ steps }) =>
      steps.flatMap(({ uses }) => uses ?? []),
    );
    expect(used.length).toBeGreaterThan(0);
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@(v\d+(\.\d+)*|[\da-f]{40})$/);
  });
});

describe('CI', () => {
  const { on, jobs } = workflow('ci.yml');
  const { everything, test: tests } = jobs;

  test('runs for every push and pull request', () => {
    expect(Object.keys(on)).toEqual(['push', 'pull_request']);
  });

  test('runs both levels of testing on the oldest version of Node.js that the package allows', () => {
    expect(everything && commands(everything)).toEqual(['.ci/run']);
    const node = everything?.steps.find(({ uses }) => uses?.startsWith('actions/setup-node@'));
    expect(`>=${String(node?.with?.['node-version'])}`).toBe(manifest.engines.node);
  });

  test('runs npm cit on newer versions', () => {
    expect(tests && commands(tests)).toEqual(['npm cit']);
    expect(tests?.strategy?.matrix.node.length).toBeGreaterThan(1);
  });
});

describe('the release', () => {
  const { on, jobs } = workflow('release.yml');
  const { check, publish } = jobs;
  const tool = readJson('scripts/release/release-it.json') as {
    git: { tagName: string };
    npm: { publish: boolean };
  };

  test('is started by the tag that npm run release makes, and by nothing else', () => {
    expect(on).toEqual({ push: { tags: ['v*.*.*'] } });
    expect(tool.git.tagName.replace('${version}', manifest.version)).toMatch(/^v\d+\.\d+\.\d+$/);
  });

  test('is published by the workflow alone, after every check has passed', () => {
    expect(tool.npm.publish).toBe(false);
    expect(check && commands(check).at(-1)).toBe('.ci/run');
    expect(publish?.needs).toBe('check');
    expect(publish && commands(publish)).toEqual([
      'npm ci --ignore-scripts',
      'npm publish --provenance --access public',
    ]);
  });

  test('has what provenance needs: an identity, a hosted runner, and an npm that knows it', () => {
    expect(publish?.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    expect(publish?.['runs-on']).toBe('ubuntu-latest');
    const node = publish?.steps.find(({ uses }) => uses?.startsWith('actions/setup-node@'));
    expect(Number(node?.with?.['node-version'])).toBeGreaterThanOrEqual(24);
    expect(manifest.publishConfig).toEqual({ access: 'public', provenance: true });
  });

  test('gives its identity to no other job', () => {
    const others = Object.values(jobs).filter((job) => job !== publish);
    expect(others.filter(({ permissions }) => permissions?.['id-token'] !== undefined)).toEqual([]);
  });
});

describe('what keeps a version from being made', async () => {
  const { obstacles } = (await import(`${root}scripts/release/obstacles.mjs`)) as {
    obstacles: (manifest: object, changelog: string) => string[];
  };
  const ready = {
    repository: { url: 'git+ssh://forge/deferqueue.git' },
    bugs: 'forge/bugs',
    homepage: 'forge',
  };
  const changelog = '# Changelog\n\n## [Unreleased]\n\n### Fixed\n\n- A bug.\n\n## [1.0.0] - 2000-01-01\n';

  test('is nothing where all is filled in', () => {
    expect(obstacles(ready, changelog)).toEqual([]);
  });

  test.each(['repository', 'bugs', 'homepage'])('is a package.json without `%s`, which is named', (field) => {
    expect(obstacles({ ...ready, [field]: undefined }, changelog)).toEqual([
      expect.stringContaining(`package.json has no \`${field}\``) as string,
    ]);
  });

  test.each([
    ['an empty section', '# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2000-01-01\n\n- A bug.\n'],
    ['no such section', '# Changelog\n\n## [1.0.0] - 2000-01-01\n\n- A bug.\n'],
  ])('is a changelog that tells of nothing new: %s', (_what, text) => {
    expect(obstacles(ready, text)).toEqual([expect.stringContaining('Unreleased') as string]);
  });
});
