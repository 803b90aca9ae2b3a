/** One sentence of a contract, and the check that it holds. */
export interface ContractCase {
  /** What holds, in the present tense: fit for the title of a test. */
  readonly title: string;
  /** Rejects with an error where it does not hold. */
  readonly check: () => Promise<void>;
}

/** What a case does with a fresh instance of what it is about. @internal */
export type Check<Subject> = (subject: Subject) => void | Promise<void>;

/** @internal */
export const casesOf = <Subject>(
  create: () => Subject,
  checks: Readonly<Record<string, Check<Subject>>>,
): ContractCase[] =>
  Object.entries(checks).map(([title, check]) => ({ title, check: async () => check(create()) }));
