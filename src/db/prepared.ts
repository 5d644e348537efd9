import { createHash } from 'node:crypto';

/**
 * The name under which Postgres keeps a prepared statement. It says nothing but what the text is: while two versions of Sluice run, a
 * name never runs another statement.
 */
export function statementName(text: string): string {
  return `sluice ${createHash('sha256').update(text).digest('base64url')}`;
}

/** A statement that is prepared whatever its length. */
export function prepared(text: string): { readonly name: string; readonly text: string } {
  return { name: statementName(text), text };
}
