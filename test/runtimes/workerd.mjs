// Serves the cases as a worker, on a port of the loopback address that the system chooses, and asks it for the results.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requestCases } from './request-cases.mjs';

const esbuild = fileURLToPath(new URL('node_modules/esbuild/bin/esbuild', import.meta.url));
/** How long one request may take, in milliseconds. */
const LIMIT = 120_000;

const configuration = (compatibilityDate) => `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
  # Cases about what is released ask for a collection.
  v8Flags = ["--expose-gc"],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker.mjs", esModule = embed "worker.mjs")],
  compatibilityDate = "${compatibilityDate}",
  compatibilityFlags = ["nodejs_compat"],
);
`;

/** Collects what a process prints, to be told where something is wrong. */
const collect = (child) => {
  const told = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (data) => (told.text += data));
  }
  return told;
};

/** One module of all, made as wrangler makes it. */
const bundle = async (folder) => {
  const args = [
    join(folder, 'smoke/worker.js'),
    `--outfile=${join(folder, 'worker.mjs')}`,
    '--bundle',
    '--format=esm',
    '--platform=neutral',
    '--target=es2024',
    // The syntax is to be the platform's own.
    '--supported:using=true',
    '--conditions=workerd,worker,browser',
    '--main-fields=module,main',
    '--external:node:*',
    '--keep-names',
    '--log-level=warning',
  ];
  const child = spawn(esbuild, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const told = collect(child);
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`esbuild failed:\n${told.text}`);
};

/** Starts the server, and resolves with the port that it has told of. */
const serve = async (binary, folder) => {
  const child = spawn(binary, ['serve', '--control-fd=3', 'config.capnp'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const told = collect(child);
  const ended = once(child, 'close');
  // Also where this process is ended meanwhile.
  const stop = () => child.kill('SIGKILL');
  process.once('exit', stop);
  void ended.then(() => process.off('exit', stop));
  let control = '';
  for await (const data of child.stdio[3]) {
    control += String(data);
    const port = /"port":\s*(\d+)/.exec(control)?.[1];
    if (port !== undefined) return { child, told, ended, port };
  }
  await ended;
  throw new Error(`workerd has not started:\n${told.text}`);
};

const addRequestCases = async (results, name, ask) => {
  for (const one of requestCases) {
    const { title, what, unsupported } = one;
    const expected = unsupported?.on[name];
    try {
      await one.run(ask);
      if (expected !== undefined) throw new Error(`it is said that ${name} cannot do this, and it can`);
      if (what === undefined) results.passed.push(title);
      else results.notSupported.push(what);
    } catch (error) {
      if (expected?.test(error.message)) results.notSupported.push(unsupported.what);
      else results.failed.push({ title, problem: error.stack });
    }
  }
};

export const runOnWorkerd = async ({ name, binary, compatibilityDate }, folder) => {
  await bundle(folder);
  writeFileSync(join(folder, 'config.capnp'), configuration(compatibilityDate));
  const { child, told, ended, port } = await serve(binary, folder);
  try {
    const request = async (path) => {
      const response = await fetch(`http://127.0.0.1:${port}/${path}`, {
        signal: AbortSignal.timeout(LIMIT),
      });
      return response.ok ? response.json() : response.status;
    };
    const ask = (path) => {
      const answer = request(path);
      // A case that has failed meanwhile no longer waits for it.
      answer.catch(() => {});
      return answer;
    };
    const results = await ask(`cases/${name}`);
    if (typeof results === 'number') throw new Error(`the worker answered with ${results}:\n${told.text}`);
    await addRequestCases(results, name, ask);
    return results;
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
};
