// What is said about the counts. Pure functions: test/cost holds them.

/** Counts that differ by up to this share need no explanation. */
export const TOLERANCE = 0.1;

const UPDATE = 'npm run check:cost -- --update';

/** Sentences about what was counted and the ceilings, both by workload and count, and whether they are a failure. */
export const compare = (ceilings, counted) => {
  const higher = [];
  const lower = [];
  for (const [workload, counts] of Object.entries(counted)) {
    for (const [name, found] of Object.entries(counts)) {
      const held = ceilings[workload]?.[name];
      const change = held === undefined ? 'no ceiling' : `ceiling ${held.toLocaleString('en-US')}`;
      const sentence = `${workload}: ${found.toLocaleString('en-US')} ${name}, ${change}`;
      if (!(found <= held * (1 + TOLERANCE))) higher.push(`✗ ${sentence}`);
      else if (found < held * (1 - TOLERANCE)) lower.push(`- ${sentence}`);
    }
  }
  const advice = [];
  if (higher.length > 0)
    advice.push(`If that is meant, raise the ceiling and say why in the commit: ${UPDATE}`);
  else if (lower.length > 0) advice.push(`Lower the ceiling in the same commit: ${UPDATE}`);
  else advice.push(`✓ every count is within ${TOLERANCE * 100} % of its ceiling`);
  return { failed: higher.length > 0, lines: [...higher, ...lower, ...advice] };
};
