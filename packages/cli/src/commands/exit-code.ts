/** What a script may learn from the command's exit code. */
export const EXIT = {
  /** All is well. */
  fine: 0,
  /** It found what it looks for: a culprit, a new name, a failing service. */
  found: 1,
  /** The command line is wrong. */
  usage: 2,
  /** A service or file could not be reached. */
  unreached: 3,
} as const;

/** One of the codes of `EXIT`. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
