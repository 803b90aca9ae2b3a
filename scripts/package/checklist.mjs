let failed = 0;

export const anyFailed = () => failed > 0;

/**
 * Says in one line how a check went, with what it measured, if it tells. Gives what the check found, or `undefined` where it
 * failed.
 */
export const check = async (title, look) => {
  try {
    const found = await look();
    const measured = found?.measured === undefined ? '' : `: ${found.measured}`;
    console.log(`✓ ${title}${measured}`);
    return found ?? true;
  } catch (error) {
    failed++;
    console.log(`✗ ${title}\n  ${error.message.split('\n').join('\n  ')}`);
    return undefined;
  }
};

/** Says that there is nothing to check, and why. */
export const skip = (title, why) => console.log(`- ${title}: ${why}`);

const inOrder = (names) => [...names].toSorted((a, b) => a.localeCompare(b, 'en'));

/** Throws unless both have the same names in any order. */
export const same = (what, found, expected) => {
  const got = new Set(found);
  const wanted = new Set(expected);
  const missing = inOrder([...wanted].filter((name) => !got.has(name)));
  const odd = inOrder([...got].filter((name) => !wanted.has(name)));
  const told = [];
  if (missing.length > 0) told.push(`missing ${what}: ${missing.join(', ')}`);
  if (odd.length > 0) told.push(`unexpected ${what}: ${odd.join(', ')}`);
  if (told.length > 0) throw new Error(told.join('\n'));
};
