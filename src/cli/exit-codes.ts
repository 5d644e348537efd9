/** What a command ends with; `sluice help` lists them. */
export const EXIT = {
  done: 0,
  /** Refused, failed, cancelled, or nobody answers. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** With --fail-on-rejects: it succeeded, and records were rejected. */
  rejects: 3,
} as const;

export const EXIT_CODES_HELP = `
Exit codes:
  0  done
  1  refused, failed or cancelled, or the API does not answer
  2  the command line is wrong
  3  with --fail-on-rejects: the import succeeded, and records were rejected
`;
