// Files that a database may have written as text, of which nobody has said so: the same bytes are other values there.
import { AppError } from '../../../errors.ts';
import { NULL_SIGN, readDatabaseCell } from '../records/database-text.ts';
import type { Dialect, EscapedText } from '../types.ts';
import { fullDialect } from './dialect-options.ts';
import type { Sample } from './sample.ts';

const BACKSLASH = 0x5c;
/** What a database writes behind a backslash: a letter that stands for a byte, itself, or the sign that ends a cell or line. */
const SEQUENCES = /\\(?:[\\bfnrtvZ0N.\t\n]|\r\n)/gs;

/** @throws AppError FILE_DIALECT with a candidate for each way to read the cells */
export function askForDatabaseText(head: Buffer, sample: Sample & { readonly dialect: Dialect }): void {
  const { dialect, records, columns, confidence } = sample;
  if (!head.includes(BACKSLASH) || dialect.escape === '\\') return;
  const shows = (cells: readonly string[]): boolean =>
    cells.includes(NULL_SIGN) || (isBareTabs(sample) && cells.some((cell) => cell.includes('\\')));
  const cells = records.map((record) => record.cells()).find((each) => shows(each));
  const holdsNull = records.some((record) => record.cells().includes(NULL_SIGN));
  if (cells === undefined || !(holdsNull || (isBareTabs(sample) && areAllSequences(head)))) return;
  // COPY … TO quotes no cell in its text format; INTO OUTFILE may.
  const quote = sample.quoted > 0 ? dialect.quote : null;
  const told = (databaseText: EscapedText | null): object => ({
    dialect: databaseText ?? 'csv',
    ...fullDialect(
      databaseText === null ? dialect : { delimiter: dialect.delimiter, databaseText, quote: quote ?? null },
    ),
    columns,
    confidence: Math.round(confidence * 100) / 100,
    firstRecord: cells.map((cell) => (databaseText === null ? cell : readDatabaseCell(cell, databaseText))),
  });
  const choices = [
    ...(quote === null ? ['dialect=postgres-text (COPY … TO, pg_dump)'] : []),
    `dialect=mysql${quote === null ? '' : ` and quote=${quote}`} (INTO OUTFILE, mysqldump --tab)`,
    'dialect=csv, if backslashes are text in it',
  ];
  throw new AppError(
    'FILE_DIALECT',
    `The file ${holdsNull ? 'has cells "\\N", which mean NULL in exports of Postgres and MySQL' : 'has backslashes as exports of Postgres and MySQL write them'}. Send it again with ${choices.join(', or with ')}.`,
    { candidates: [...(quote === null ? [told('postgres-text')] : []), told('mysql'), told(null)] },
  );
}

/** As both databases write text by themselves. */
function isBareTabs({ dialect, quoted }: Sample & { readonly dialect: Dialect }): boolean {
  return dialect.delimiter === '\t' && quoted === 0;
}

function areAllSequences(head: Buffer): boolean {
  const text = head.toString('latin1');
  const isLastCut = text.endsWith('\\') ? 1 : 0;
  return text.replace(SEQUENCES, '').split('\\').length - 1 <= isLastCut;
}
