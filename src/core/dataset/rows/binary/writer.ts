// What the writers of values share.
import type { BinaryRows } from './binary-rows.ts';

/** The value has a form that only Postgres can read: its rows must go as text. */
export class NotBinary extends Error {
  constructor(type: string) {
    super(`A value of type ${type} is in a form that has to go to Postgres as text`);
  }
}

/** Appends the value whose text is in bytes[start, end). @throws NotBinary */
export type BinaryWriter = (bytes: Uint8Array, start: number, end: number, rows: BinaryRows) => void;

/** Appends a value of a common form, and says no to any other. */
export type ShortWriter = (bytes: Uint8Array, start: number, end: number, rows: BinaryRows) => boolean;

export const PLUS = 43;
export const MINUS = 45;
export const DOT = 46;
export const ZERO = 48;
/** More digits are not read as a number. */
export const SAFE_DIGITS = 15;
/** So many fit integers of 32 bits, which are faster. */
export const FEW_DIGITS = 9;

export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

/** The digits as a number; -1 when there are none, or others. `SAFE_DIGITS` at most. */
export function digitsOf(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** The same of at most `FEW_DIGITS`; none of them are 0. */
export function fewDigitsOf(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = (Math.imul(value, 10) + digit) | 0;
  }
  return value;
}
