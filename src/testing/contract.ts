/** One rule of a contract, and the check that it holds. */
export interface ContractCase {
  /** The rule in the present tense, for the title of a test. */
  readonly title: string;
  /** Rejects with an error if the rule does not hold. */
  readonly check: () => Promise<void>;
}

/** Checks a new instance of the subject. @internal */
export type Check<Subject> = (subject: Subject) => void | Promise<void>;

/** Creates a case of each check. @internal */
export const casesOf = <Subject>(
  create: () => Subject,
  checks: Readonly<Record<string, Check<Subject>>>,
): ContractCase[] =>
  Object.entries(checks).map(([title, check]) => ({ title, check: async () => check(create()) }));
