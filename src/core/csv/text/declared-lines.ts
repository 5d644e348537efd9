// Places in bytes of a declared encoding: where lines end, and where a character is that no text has.
import { CR, LF } from '../grammar.ts';
import type { Decoder } from './encodings.ts';

/** A NUL, or in an encoding of one byte for each character a control. */
export function findCharacter(
  { unit, codeAt, noText }: Decoder,
  bytes: Buffer,
  characterAt: number,
): { at: number; length: number } {
  if (noText !== undefined) return { at: characterAt, length: 1 };
  let at = 0;
  while (codeAt(bytes, at) !== 0) at += unit;
  return { at, length: unit };
}

/** Behind the line end nearest before the middle, else behind the first below it; the length when there is one line only. */
export function middleLineEnd(decoder: Decoder, bytes: Buffer): number {
  const { unit } = decoder;
  const middle = (bytes.length >> 1) - ((bytes.length >> 1) % unit);
  for (let at = middle - unit; at >= 0; at -= unit) if (endsLine(decoder, bytes, at)) return at + unit;
  for (let at = middle; at + unit <= bytes.length; at += unit)
    if (endsLine(decoder, bytes, at)) return at + unit;
  return bytes.length;
}

function endsLine({ codeAt }: Decoder, bytes: Buffer, at: number): boolean {
  const code = codeAt(bytes, at);
  return code === LF || code === CR;
}
