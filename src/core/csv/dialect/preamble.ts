// What may stand above a file's header: Excel's line `sep=;`, and lines that the sender says to skip. They are physical lines,
// whatever quotes they hold, and line numbers go on counting them.
import { counted } from '../../counted.ts';
import { AppError } from '../../../errors.ts';
import { afterLineEnd, nextLineEnd } from '../grammar.ts';
import { parseDelimiter } from './dialect-options.ts';
import type { Delimiter } from '../types.ts';

export interface PreambleOptions {
  readonly skipLines: number;
  /** Given by the sender: it wins over what the file says. */
  readonly delimiter: Delimiter | undefined;
}

/** A line of the file: its first byte, and its number from 1. */
interface LinePlace {
  readonly endByte: number;
  readonly endLine: number;
}

export interface Preamble {
  /** Where the header begins, or the first record when there is none. */
  readonly endByte: number;
  /** The physical line there. */
  readonly endLine: number;
  /** As given, or as the line `sep=` says. */
  readonly delimiter: Delimiter | undefined;
}

/** The first line of the file, and only that; some programs quote it as a cell. */
const SEP_LINE = /^(?:sep=(.)|"sep=(.)")$/iu;
/** One byte more than the longest such line has, so that a longer one does not look like it. */
const SEP_LINE_BYTES = 11;

/**
 * @param head the stored file's first bytes
 * @param isWhole the head is all of the file
 * @throws AppError FILE_EMPTY, FILE_HEADER_TOO_LONG when the lines do not end within the head; FILE_DELIMITER
 */
export function readPreamble(head: Buffer, isWhole: boolean, options: PreambleOptions): Preamble {
  const said = sepOf(head);
  const lines = Math.max(options.skipLines, said === undefined ? 0 : 1);
  const below = passLines(head, isWhole, lines);
  return { ...below, delimiter: options.delimiter ?? delimiterOf(said) };
}

/** The place below so many physical lines. */
function passLines(head: Buffer, isWhole: boolean, lines: number): LinePlace {
  let at = 0;
  for (let line = 1; line <= lines; line++) {
    const next = afterLineEnd(head, nextLineEnd(head, at, head.length), head.length);
    if (next === head.length)
      throw isWhole
        ? new AppError(
            'FILE_EMPTY',
            `The file ends on line ${line}; there is nothing below the ${counted(lines, 'line')} to skip. Send a smaller skipLines.`,
          )
        : new AppError(
            'FILE_HEADER_TOO_LONG',
            `What the file has to skip (${counted(lines, 'line')}) is longer than ${head.length} bytes. Remove it from the file.`,
          );
    at = next;
  }
  return { endByte: at, endLine: lines + 1 };
}

function sepOf(head: Buffer): string | undefined {
  const end = Math.min(nextLineEnd(head, 0, head.length), SEP_LINE_BYTES);
  const match = SEP_LINE.exec(head.toString('utf8', 0, end));
  return match?.[1] ?? match?.[2];
}

function delimiterOf(said: string | undefined): Delimiter | undefined {
  if (said === undefined) return undefined;
  try {
    return parseDelimiter(said);
  } catch (cause) {
    throw new AppError(
      'FILE_DELIMITER',
      `The first line says sep=${said}, which cannot be a delimiter. Remove the line and send the option delimiter, or save the file with another delimiter.`,
      { line: 1 },
      { cause },
    );
  }
}
