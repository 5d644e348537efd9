// Asks at the terminal what a file leaves open, so that the import goes on by itself.
import { createInterface } from 'node:readline/promises';
import { printable } from '../print.ts';
import { flagsOf } from './file-options.ts';
import type { Problem } from './problem-text.ts';

/** @returns the options that answer it; undefined: nobody knows, and the import ends */
export type Ask = (problem: Problem) => Promise<Readonly<Record<string, unknown>> | undefined>;

/** Undefined when there is no terminal to ask at. */
export function askAtTerminal(
  input: NodeJS.ReadStream = process.stdin,
  output: NodeJS.WriteStream = process.stderr,
): Ask | undefined {
  if (!input.isTTY) return undefined;
  return async ({ detail = '', errors = [], answers = [] }) => {
    const terminal = createInterface({ input, output });
    try {
      output.write(printable(`${detail}\n${errors.map((each) => `  - ${each.detail}\n`).join('')}`));
      for (const [at, { send, means }] of answers.entries()) {
        const meaning = means.replaceAll('\n', '\n       ');
        output.write(printable(`  ${at + 1}) ${flagsOf(send)}\n       ${meaning}\n`));
      }
      return await choose(terminal, answers);
    } finally {
      terminal.close();
    }
  };
}

async function choose(
  terminal: { question(text: string): Promise<string> },
  answers: NonNullable<Problem['answers']>,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const choices = answers.length === 0 ? '' : `1${answers.length === 1 ? '' : ` to ${answers.length}`}, or `;
  for (;;) {
    const said = (
      await terminal.question(`Which? ${choices}an option such as delimiter=; (nothing: end) `)
    ).trim();
    if (said === '') return undefined;
    const chosen = answers[Number(said) - 1];
    if (chosen !== undefined) return chosen.send;
    const option = /^(?:--)?([A-Za-z]+)=(.+)$/.exec(said);
    if (option !== null) return { [option[1]!]: option[2]! };
  }
}
