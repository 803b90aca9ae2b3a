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

/** Throws unless both have the same names in any order. */
export const same = (what, found, expected) => {
  const list = (names) => [...names].toSorted((a, b) => a.localeCompare(b, 'en')).join(', ');
  const [got, wanted] = [new Set(found), new Set(expected)];
  const missing = list([...wanted].filter((name) => !got.has(name)));
  const odd = list([...got].filter((name) => !wanted.has(name)));
  if (missing || odd)
    throw new Error(`missing ${what}: ${missing || 'none'}\nunexpected ${what}: ${odd || 'none'}`);
};
