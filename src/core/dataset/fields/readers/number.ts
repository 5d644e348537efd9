// integer and number. Digits are ASCII; sign, decimal and group characters only as declared; the digits travel as text.
import type { ByteTest } from '../byte-test.ts';
import type { Field } from '../../types.ts';
import { compareDecimals, decimalKey } from './decimal.ts';
import { withNegatives } from './negative.ts';
import { plainNotation, whyNotRead } from './number-form.ts';
import { compileAdvice } from './other-notation.ts';
import {
  isBeyondDigits,
  MAX_DIGITS,
  readPlainInteger,
  readPlainNumber,
  takesPlainInteger,
  takesPlainNumber,
} from './plain-number.ts';
import type { TypeReader } from './type-reader.ts';

type NumberField = Pick<Field, 'decimalChar' | 'groupChar' | 'bareNumber' | 'negative' | 'zeroFraction'>;
type Read = TypeReader['read'];

/** The first of a set, for an example. */
function exampleGroup({ groupChar = '' }: NumberField): string {
  return typeof groupChar === 'string' ? groupChar : groupChar[0]!;
}

function withNotation(
  plain: ((text: string) => string | undefined) | undefined,
  readPlain: Read,
  takesPlain: ByteTest,
): Pick<TypeReader, 'read' | 'takes'> {
  if (plain === undefined) return { read: readPlain, takes: takesPlain };
  const read = (text: string): string | undefined => {
    const rewritten = plain(text);
    return rewritten === undefined ? undefined : readPlain(rewritten);
  };
  return { read };
}

/** `12.0` in plain form. Behind one to three digits three zeros may be a group: `12.000` is twelve or twelve thousand. */
const ZERO_FRACTION = /^([+-]?(?!(?:[1-9][0-9]{0,2})\.000$)[0-9]+)\.0+$/;

function readIntegerWithZeros(text: string): string | undefined {
  return readPlainInteger(text) ?? readPlainInteger(ZERO_FRACTION.exec(text)?.[1] ?? '');
}

export function integerReader(field: NumberField): TypeReader {
  const { zeroFraction = false, negative } = field;
  const groups = [field.groupChar ?? []].flat();
  const decimalChar = field.decimalChar ?? (groups.includes('.') ? ',' : '.');
  const format = { ...field, decimalChar: zeroFraction ? decimalChar : undefined };
  const plain = plainNotation(format);
  const { read, takes } = withNotation(
    plain,
    zeroFraction ? readIntegerWithZeros : readPlainInteger,
    takesPlainInteger,
  );
  const advise = compileAdvice(field, (declared) => integerReader({ ...field, ...declared }).read, true);
  return {
    read: withNegatives(read, negative),
    ...(takes ? { takes } : {}),
    fromJson: (value) => {
      if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined;
      return typeof value === 'string' ? readPlainInteger(value) : undefined;
    },
    expects: `a whole number like 1${exampleGroup(field)}234`,
    why: (text) => {
      const rewritten = plain === undefined ? text : plain(text);
      if (rewritten !== undefined && /^[+-]?[0-9]{19,}$/.test(rewritten))
        return 'which is beyond the range of bigint (-9223372036854775808 to 9223372036854775807)';
      if (zeroFraction && rewritten !== undefined && /^[+-]?[0-9]+\.000$/.test(rewritten))
        return 'whose three zeros may be a group or decimals; write it without them';
      return advise(text) ?? whyNotRead(text, format);
    },
    compare: compareDecimals,
    key: decimalKey,
  };
}

export function numberReader(field: NumberField): TypeReader {
  const { decimalChar = '.', negative } = field;
  const plain = plainNotation(field);
  const { read, takes } = withNotation(plain, readPlainNumber, takesPlainNumber);
  const advise = compileAdvice(field, (declared) => numberReader({ ...field, ...declared }).read);
  return {
    read: withNegatives(read, negative),
    ...(takes ? { takes } : {}),
    fromJson: (value) => {
      if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
      return typeof value === 'string' ? readPlainNumber(value) : undefined;
    },
    expects: `a number like 1${exampleGroup(field)}234${decimalChar}5`,
    why: (text) => {
      if (/^[+-]?(nan|inf(inity)?)$/i.test(text.trim()))
        return 'which is not a finite number; a field with "nonFinite": true takes it';
      const rewritten = plain === undefined ? text : plain(text);
      return rewritten !== undefined && isBeyondDigits(rewritten)
        ? `which has more than ${MAX_DIGITS} digits before or after the decimal point`
        : (advise(text) ?? whyNotRead(text, field));
    },
    compare: compareDecimals,
    key: decimalKey,
  };
}
