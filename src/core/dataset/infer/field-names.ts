// Names of columns in Postgres, made of headers: each once, and none that a document must not have.
import { REJECT_COLUMNS } from '../../imports/rejects.ts';
import { foldHeader } from '../header/mapping.ts';
import { POSTGRES_COLUMNS } from '../document/properties.ts';
import { RESERVED_COLUMNS } from '../tables/table-plan.ts';

const LONGEST = 63;
const TAKEN = [...RESERVED_COLUMNS, ...REJECT_COLUMNS, ...POSTGRES_COLUMNS];

/** @param headers as they stand in the file. Of one that has no letter a-z the name says the place. */
export function fieldNames(headers: readonly string[]): string[] {
  const names = new Set<string>();
  const folded = headers.map(foldHeader);
  const headed = new Set(folded);
  return headers.map((header, at) => {
    // A name is a header too: it must not mean another column.
    const isTaken = (name: string): boolean =>
      names.has(name) || TAKEN.includes(name) || (headed.has(name) && folded[at] !== name);
    const name = unusedName(plainName(header) ?? `column_${at + 1}`, isTaken);
    names.add(name);
    return name;
  });
}

/** Letters that are no other letter with an accent. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

/** Letters without their accents, in lower case, and `_` for the rest; undefined when hardly anything is left. */
function plainName(header: string): string | undefined {
  const letters = header
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[ßæœøłđðþı]/gu, (letter) => LETTERS[letter]!);
  // What has letters of another script would become a name that says something else.
  if (/(?![a-z])\p{L}/u.test(letters)) return undefined;
  const name = letters.replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  if (!/[a-z]/.test(name)) return undefined;
  return (/^\d/.test(name) ? `c_${name}` : name).slice(0, LONGEST);
}

function unusedName(name: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name;
  for (let number = 2; ; number++) {
    const end = `_${number}`;
    const other = name.slice(0, LONGEST - end.length) + end;
    if (!isTaken(other)) return other;
  }
}

const NAME = /^[a-z][a-z0-9_-]{0,62}$/;

/** A name for a dataset, made of a file's. */
export function datasetName(fileName: string | null): string {
  const name = plainName((fileName ?? '').replace(/(?:\.[a-z0-9]{1,5}){1,2}$/i, '')) ?? 'dataset';
  return NAME.test(name) ? name : 'dataset';
}
