import type { ImageIndex } from './read-image.js';

const listed = 3;

/** What the image has and the restart did not put back, a line for each kind. */
export const leftOutLines = ({ leftOut }: ImageIndex): string[] =>
  [...leftOut].map(([what, names]) => {
    const first = [...names].slice(0, listed);
    const more = names.size > listed ? ` and ${names.size - listed} more` : '';
    return `not restored: ${what} (${first.join(', ')}${more})`;
  });
