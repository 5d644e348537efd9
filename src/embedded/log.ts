/** What the embedded servers say; a pino Logger is one. */
export interface Log {
  /** For the user: something takes a while, and why. */
  info(line: string): void;
  /** A server's own words. */
  debug(line: string): void;
}
