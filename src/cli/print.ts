// What goes to a terminal: texts of users' files must not be able to steer it.
import { stringifyExact } from '../core/tasks/exact-json.ts';

/** What a command writes to; standard output, or a stream of a test. */
export type Out = Pick<NodeJS.WritableStream, 'write'>;

/** Control characters but line ends and tabs as `\x1b` and its like. */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

export function say(out: Out, text: string): void {
  out.write(`${printable(text)}\n`);
}

/** One document in one line, so that a script can read line by line. Integers have all their digits. */
export function sayJson(out: Out, document: unknown): void {
  out.write(`${stringifyExact(document)}\n`);
}

/** Rows under a header, each column as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The words that call this command where it was started: a hint is to work when it is pasted. */
export function commandName(env: NodeJS.ProcessEnv = process.env): string {
  return env['npm_command'] === undefined ? 'sluice' : 'npx sluice';
}
