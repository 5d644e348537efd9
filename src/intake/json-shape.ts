// How a file of JSON objects is read: which keys it has, and which fields they feed, from its first lines.
import { afterLineEnd, nextLineEnd } from '../core/csv/grammar.ts';
import type { Preamble } from '../core/csv/dialect/preamble.ts';
import { tooManyColumns, type HeaderLimits } from '../core/csv/dialect/header.ts';
import { JsonError } from '../core/csv/records/json-bytes.ts';
import { readKeys } from '../core/csv/records/read-json-places.ts';
import { BOM_ONLY, behindMarks } from '../core/csv/text/record-marks.ts';
import type { JsonLines } from '../core/csv/types.ts';
import type { Dataset, FieldType, FileColumn } from '../core/dataset/types.ts';
import { AppError } from '../errors.ts';
import type { FileShape } from './file-shape.ts';
import { matchColumns, type FindMapping } from './match-columns.ts';
import type { UploadOptions } from './upload-options.ts';

/** Keys are looked for in so many objects. */
const MAX_OBJECTS = 1000;
/** So many lines tell whether a file whose first line is broken is NDJSON. */
const MOST_LINES = 20;
const OPEN_OBJECT = '{'.charCodeAt(0);
const NESTED_TYPES: readonly FieldType[] = ['object', 'array', 'any'];

/** Whether the text is NDJSON: as its sender says, or as it begins. That of a JSON array is, too. */
export function isJsonLines(
  { format }: Pick<UploadOptions, 'format'>,
  body: Buffer,
  isWhole: boolean,
): boolean {
  if (format !== undefined) return format === 'ndjson' || format === 'json';
  return looksLikeJsonLines(body, isWhole);
}

/** Whether a file of which nobody has said what it is begins with an object of its own, or with one that is broken above others. */
function looksLikeJsonLines(body: Buffer, isWhole: boolean): boolean {
  let lines = 0;
  let objects = 0;
  for (const line of linesOf(body, isWhole)) {
    const text = line.subarray(behindMarks(line, 0, line.length, BOM_ONLY));
    if (lines === 0 && text[0] !== OPEN_OBJECT) return false;
    if (isObject(text)) {
      if (lines === 0) return true;
      objects++;
    }
    // What begins an object of several lines.
    else if (lines === 0 && !/^\{\s*"/.test(text.toString('latin1', 0, 100))) return false;
    if (++lines === MOST_LINES) break;
  }
  return objects > 0 && objects * 2 >= lines;
}

function isObject(line: Buffer): boolean {
  try {
    readKeys(line);
    return true;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return false;
  }
}

/** @throws AppError FILE_NDJSON, FILE_TOO_MANY_COLUMNS, FILE_EMPTY, HEADER_MISMATCH */
export async function readJsonShape(
  head: Buffer,
  isWhole: boolean,
  preamble: Preamble,
  dataset: Dataset,
  options: UploadOptions,
  limits: HeaderLimits,
  findMapping: FindMapping,
): Promise<FileShape> {
  const keys = keysOf(head.subarray(preamble.endByte), isWhole, preamble.endLine);
  if (keys.length > limits.maxColumns)
    throw tooManyColumns('The first objects', keys.length, limits.maxColumns);
  const matched = await matchColumns(dataset, keys, options, findMapping);
  const { endByte, endLine } = preamble;
  return {
    dialect: {
      delimiter: ',',
      quote: null,
      header: false,
      skipLines: endLine - 1,
      json: jsonLines(dataset, matched.columns, options),
    },
    header: { endByte, endLine },
    ...matched,
  };
}

function jsonLines(
  { schema: { fields } }: Dataset,
  columns: readonly FileColumn[],
  { notation, unknownColumns, format }: UploadOptions,
): JsonLines {
  /** A list that one key holds is a list; of several keys each has an entry. */
  const isAlone = (index: number | null): boolean =>
    columns.filter(({ fieldIndex }) => fieldIndex === index).length === 1;
  return {
    keys: columns.map(({ header, fieldIndex }) => {
      const field = fieldIndex === null ? undefined : fields[fieldIndex]!;
      const decimalChar = field?.type === 'number' ? (field.decimalChar ?? notation.decimalChar) : undefined;
      return {
        name: header,
        takesNested:
          field === undefined ||
          (NESTED_TYPES.includes(field.type) && (field.repeated !== true || isAlone(fieldIndex))),
        ...(decimalChar === undefined ? {} : { decimalChar }),
      };
    }),
    ignoresOthers: unknownColumns === 'ignore',
    ...(format === 'json' ? { isArray: true } : {}),
  };
}

/**
 * In the order in which they come up.
 * @throws AppError FILE_NDJSON, FILE_EMPTY
 */
export function keysOf(body: Buffer, isWhole: boolean, firstLine: number): string[] {
  const keys = new Set<string>();
  let line = firstLine;
  let failure: unknown;
  let objects = 0;
  for (const text of linesOf(body, isWhole)) {
    if (objects === MAX_OBJECTS) break;
    const start = behindMarks(text, 0, text.length, BOM_ONLY);
    try {
      if (start < text.length) {
        for (const key of readKeys(text.subarray(start))) keys.add(key);
        objects++;
      }
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      failure ??= new AppError(
        'FILE_NDJSON',
        `Line ${line} is no JSON object: at byte ${error.at + 1} ${error.message}. Send a file whose lines are objects such as {"name":"value"}, or a list of such objects ([…]) with format=json.`,
        { line },
        { cause: error },
      );
    }
    line++;
  }
  if (keys.size > 0) return [...keys];
  throw (
    failure ??
    new AppError('FILE_EMPTY', 'The first objects of the file have no keys, so there is nothing to import.')
  );
}

/** Without the last one when it may be cut. */
function* linesOf(body: Buffer, isWhole: boolean): Generator<Buffer> {
  for (let at = 0; at < body.length;) {
    const end = nextLineEnd(body, at, body.length);
    if (end === body.length && !isWhole) return;
    yield body.subarray(at, end);
    at = afterLineEnd(body, end, body.length);
  }
}
