// A header that does not fit is often no header: titles and notes stand above it, or the file has none.
import { AppError } from '../../../errors.ts';
import type { TableEvidence } from './detect-dialect.ts';
import { afterLineEnd, grammarOf, nextLineEnd } from '../grammar.ts';
import type { Preamble } from './preamble.ts';
import { readCells } from '../records/read-cells.ts';
import type { Delimiter } from '../types.ts';

const MAX_LINES = 200;
const DELIMITERS: readonly Delimiter[] = [',', ';', '\t', '|'];

/**
 * Adds to a HEADER_MISMATCH which line looks like the header, or that there is none.
 * @param body the file from the header that was read on
 * @param header its cells, of which none may be known
 */
export function hintAtHeader(
  error: unknown,
  body: Buffer,
  header: { readonly cells: readonly string[] },
  table: TableEvidence,
  { endLine }: Pick<Preamble, 'endLine'>,
): unknown {
  if (!(error instanceof AppError) || error.code !== 'HEADER_MISMATCH' || table.fits === undefined)
    return error;
  const below = findHeaderLine(body, table.fits);
  if (below !== undefined) {
    const line = endLine + below;
    return withHint(error, `Line ${line} looks like the header: send the file with skipLines=${line - 1}.`, {
      headerLine: line,
    });
  }
  if (header.cells.length === table.columns && !table.knows(header.cells) && !isNear(error))
    return withHint(
      error,
      `The file seems to have no header. ${table.columns === 1 ? 'If its column is the field of the dataset' : `If its ${table.columns} columns are the dataset's fields in order`}, send it with header=false.`,
      { headerLine: null },
    );
  return error;
}

/** A cell is nearly the name of a field: it is one, misspelled. */
function isNear({ errors = [] }: AppError): boolean {
  return errors.some(({ suggestion }) => suggestion !== undefined);
}

/**
 * How many lines below the first one a line stands that reads as a fitting header. Each is read to its own end: a quote that it leaves
 * open could else be followed through all of the body, for each line and delimiter anew.
 */
function findHeaderLine(body: Buffer, fits: (header: readonly string[]) => boolean): number | undefined {
  let at = 0;
  for (let line = 0; line < MAX_LINES && at < body.length; line++) {
    const end = nextLineEnd(body, at, body.length);
    const fitting =
      line > 0 &&
      DELIMITERS.some((delimiter) => fits(readCells(body, at, end, grammarOf({ delimiter })).cells));
    if (fitting) return line;
    at = afterLineEnd(body, end, body.length);
  }
  return undefined;
}

function withHint(error: AppError, hint: string, params: Record<string, unknown>): AppError {
  return new AppError(
    error.code,
    `${error.message} ${hint}`,
    { ...error.params, ...params },
    { cause: error, ...(error.errors === undefined ? {} : { errors: error.errors }) },
  );
}
