// Sections of documents that are written from a table of the program, between two comments. With `--check` nothing is written,
// and the exit code tells whether the documents are true.
import { readFileSync, writeFileSync } from 'node:fs';

const check = process.argv.includes('--check');

/** @param mark what the section begins with: `name: written by …`; it ends with `end of name` */
export function withSection(file, mark, content) {
  const text = readFileSync(file, 'utf8');
  const [first, last] = [`<!-- ${mark} -->`, `<!-- end of ${mark.split(':')[0]} -->`];
  const [begin, end] = [text.indexOf(first), text.indexOf(last)];
  if (begin === -1 || end === -1) throw new Error(`${file} must hold "${first}" and "${last}"`);
  return `${text.slice(0, begin + first.length)}\n\n${content}\n\n${text.slice(end)}`;
}

/** A row per item; a cell may hold a pipe. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** Writes the file, or says that it is not what `source` says and which command mends that. */
export function writeOrCheck(file, text, source, command) {
  if (!check) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`${file} is not what ${source} says. Run "${command}".\n`);
    process.exitCode = 1;
  }
}
