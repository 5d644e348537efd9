// Where something is in files that were joined, by the name of its file and that file's own lines and bytes.
import type { PartOfFile } from '../core/csv/types.ts';
import type { UndecodablePlace } from '../core/csv/text/undecodable.ts';
import { AppError, type ErrorItem } from '../errors.ts';

/** A part while the files are joined: also where it begins in bytes, of the joined text and of the file itself. */
export interface PartPlace extends PartOfFile {
  readonly byte: number;
  readonly ownByte: number;
}

/** As it is kept. */
export function partsToKeep(parts: readonly PartPlace[]): PartOfFile[] {
  return parts.map(({ name, line, ownLine }) => ({ name, line, ownLine }));
}

function partAt(parts: readonly PartPlace[], line: number): PartPlace | undefined {
  return parts.findLast((part) => part.line <= line) ?? parts[0];
}

/** Their bytes are those of the file itself; their lines those of the joined text, by which records are found. */
export function withOwnBytes(
  places: readonly UndecodablePlace[],
  parts: readonly PartPlace[] = [],
): readonly UndecodablePlace[] {
  if (parts.length === 0) return places;
  return places.map((place) => {
    const part = partAt(parts, place.line)!;
    return { ...place, byteOffset: place.byteOffset - part.byte + part.ownByte };
  });
}

/** The problem with the names of the files that its lines are of, and their own lines. */
export function inItsPart(error: AppError, parts: readonly PartPlace[] | undefined): AppError {
  if (parts === undefined) return error;
  const own = (text: string): string =>
    text
      .replace(/^Line (\d+) \(byte (\d+) of the file\)/, (said: string, line: string, byte: string) => {
        const part = partAt(parts, Number(line));
        return part === undefined
          ? said
          : `Line ${ownLine(part, Number(line))} (byte ${Number(byte) - part.byte + part.ownByte}) of ${JSON.stringify(part.name)}`;
      })
      .replaceAll(/\(line (\d+)\)/g, (said: string, line: string) => {
        const part = partAt(parts, Number(line));
        return part === undefined
          ? said
          : `(${JSON.stringify(part.name)} line ${ownLine(part, Number(line))})`;
      });
  return new AppError(error.code, own(error.message), ownPlaces(error.params, parts), {
    cause: error.cause ?? error,
    ...(error.errors === undefined
      ? {}
      : { errors: error.errors.map((item) => ownItem(item, own(item.detail), parts)) }),
  });
}

/** Its samples have lines too. */
function ownItem(item: ErrorItem, detail: string, parts: readonly PartPlace[]): ErrorItem {
  const { samples } = item;
  if (!Array.isArray(samples)) return { ...item, detail };
  return {
    ...item,
    detail,
    samples: (samples as Readonly<Record<string, unknown>>[]).map((sample) => ownPlaces(sample, parts)),
  };
}

function ownLine({ line: begins, ownLine: own }: PartPlace, line: number): number {
  return line - begins + own;
}

function ownPlaces(
  params: Readonly<Record<string, unknown>>,
  parts: readonly PartPlace[],
): Readonly<Record<string, unknown>> {
  const { line, byteOffset } = params;
  const part = typeof line === 'number' ? partAt(parts, line) : undefined;
  if (part === undefined) return params;
  return {
    ...params,
    entry: part.name,
    line: ownLine(part, line as number),
    ...(typeof byteOffset === 'number' ? { byteOffset: byteOffset - part.byte + part.ownByte } : {}),
  };
}
