// A plugin for the build and for the tests: `import { text, sha256 } from './page.js?inlined'` is the text of that program, bundled and
// minified for a browser, and `./style.css?inlined` that of a style sheet.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';

const ASKED = '?inlined';
/** No plugin takes this for a file of its own kind. */
const LOADED = '.inlined';

const script = async (path) => {
  const build = await rolldown({
    input: path,
    platform: 'browser',
    tsconfig: join(dirname(path), 'tsconfig.json'),
  });
  try {
    const { output } = await build.generate({ format: 'iife', minify: true, comments: false });
    return { text: output[0].code.trim(), files: output[0].moduleIds };
  } finally {
    await build.close();
  }
};

const styleSheet = async (path) => {
  const text = await readFile(path, 'utf8');
  return {
    text: text
      .replaceAll(/\/\*.*?\*\//gs, '')
      .replaceAll(/\s+/g, ' ')
      .trim(),
    files: [path],
  };
};

export const inlined = () => ({
  name: 'inlined',
  /** Before Vite, to which the question mark is a query. */
  enforce: 'pre',
  resolveId: (source, importer) =>
    source.endsWith(ASKED) ? `\0${join(dirname(importer), source.slice(0, -ASKED.length))}${LOADED}` : null,
  async load(id) {
    if (!id.startsWith('\0') || !id.endsWith(LOADED)) return null;
    const path = id.slice(1, -LOADED.length);
    const { text, files } = path.endsWith('.css')
      ? await styleSheet(path)
      : await script(path.replace(/\.js$/, '.ts'));
    for (const file of files) this.addWatchFile(file);
    // Either would end the element of the page that it stands in, or change what comes after.
    if (/<\/|<!--/.test(text)) throw new Error(`${path} cannot stand in a page: it has </ or <!-- in it`);
    const sha256 = createHash('sha256').update(text).digest('base64');
    return `export const text = ${JSON.stringify(text)};\nexport const sha256 = ${JSON.stringify(sha256)};\n`;
  },
});
