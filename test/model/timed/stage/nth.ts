/** The n-th of what there is so far. */
export const nth = <T>(all: readonly T[], n: number): T | undefined => all[n % all.length];
