import { fromMarkdown } from 'mdast-util-from-markdown';
import type { Code, Nodes } from 'mdast';

/** One ```ts block of a page, and what it has to print if the page says so. */
export interface Snippet {
  readonly code: string;
  /** The line of the page on which the code begins. */
  readonly line: number;
  readonly prints: string | undefined;
}

/** Languages that a reader would take for code to run. Only `ts` is run, so nothing else may look like it. */
const LOOKS_LIKE_CODE = /^(typescript|tsx|mts|cts|js|javascript|jsx|mjs|cjs)$/i;

/** The blocks of a page that are tested, each with its expected output. Throws where the page breaks the rules. */
export const readSnippets = (page: string, text: string): Snippet[] => {
  const snippets: Snippet[] = [];
  const visit = (node: Nodes): void => {
    const children: readonly Nodes[] = 'children' in node ? node.children : [];
    for (const [index, child] of children.entries()) {
      const line = child.position?.start.line ?? 0;
      if (child.type === 'code') {
        if (LOOKS_LIKE_CODE.test(child.lang ?? '')) {
          throw new Error(`${page}:${line}: a \`\`\`${child.lang} block is not tested. Write it as \`\`\`ts`);
        }
        if (child.lang === 'ts') {
          if (child.meta)
            throw new Error(`${page}:${line}: \`\`\`ts takes no words after it, got "${child.meta}"`);
          const output = isPrints(children[index + 1]) ? children[index + 2] : undefined;
          const prints = output && isOutput(output) ? `${output.value}\n` : undefined;
          snippets.push({ code: child.value, line: line + 1, prints });
        }
      } else if (isPrints(child) && !(isSnippet(children[index - 1]) && isOutput(children[index + 1]))) {
        throw new Error(
          `${page}:${line}: "prints:" stands between a \`\`\`ts and a \`\`\`text block, and nowhere else`,
        );
      }
      visit(child);
    }
  };
  visit(fromMarkdown(text));
  return snippets;
};

/** A paragraph that ends with "prints:", alone or at the end of a sentence. */
const isPrints = (node: Nodes | undefined): boolean => {
  const last = node?.type === 'paragraph' ? node.children.at(-1) : undefined;
  return last?.type === 'text' && /(^|\s)prints:$/i.test(last.value);
};

const isSnippet = (node: Nodes | undefined): boolean => node?.type === 'code' && node.lang === 'ts';

const isOutput = (node: Nodes | undefined): node is Code => node?.type === 'code' && node.lang === 'text';
