import { subpaths } from './manifest.mjs';
import { node } from './run.mjs';

/** Turns of the event loop after which whatever loading the module itself took is over. */
const TURNS = 1000;

/** What still holds the process open after a program that does nothing but import something. */
const resourcesAfter = async (project, statement) => {
  const text = `
    ${statement}
    let open = process.getActiveResourcesInfo();
    for (let turn = 0; open.length > 0 && turn < ${TURNS}; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      open = process.getActiveResourcesInfo().filter((kind) => kind !== 'Immediate');
    }
    console.log(open.toSorted().join(' '));`;
  const { stdout, stderr } = await node(['--input-type=module', '--eval', text], project);
  if (stderr !== '') throw new Error(`it printed: ${stderr}`);
  return stdout.trim();
};

/** A process that only imports a subpath has no more open than an empty one, and ends by itself. */
export const checkLeavesNothingOpen = async (project) => {
  const usual = await resourcesAfter(project, '');
  for (const { specifier } of subpaths) {
    const found = await resourcesAfter(project, `import '${specifier}';`);
    if (found !== usual) throw new Error(`${specifier} leaves open: ${found}\nan empty program: ${usual}`);
  }
};
