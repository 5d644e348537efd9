// Options that say what the columns mean and how their values are written.
import { Type } from 'typebox';
import { parseMapping, type ColumnMapping } from '../../core/dataset/header/mapping.ts';
import { checkTimeZone } from '../../core/dataset/fields/readers/time-zone.ts';
import { isPivotYear, PIVOT_YEARS } from '../../core/dataset/fields/readers/any-date.ts';
import { NEGATIVE_EXAMPLES } from '../../core/dataset/fields/readers/negative.ts';
import { NEGATIVES, TIME_ZONE_OVERLAPS, type Negative } from '../../core/dataset/types.ts';
import { choice, choiceOrNone, flagOrNone, text, wrong } from './option.ts';

const MAPPING = Type.Union([
  Type.Literal('saved'),
  Type.Unsafe<ColumnMapping>({
    type: 'object',
    additionalProperties: { type: ['string', 'null'] },
    minProperties: 1,
  }),
]);

export const COLUMN_OPTIONS = {
  unknownColumns: choice(['refuse', 'ignore'], {
    default: 'refuse',
    doc: 'What happens when the file has columns that the dataset does not know: the file is refused (422), or they are ignored.',
    flag: { flags: '--unknown-columns <what>' },
    retry: 'own',
  }),
  mapping: text((said): ColumnMapping | 'saved' => (said === 'saved' ? said : parseMapping(said)), {
    schema: MAPPING,
    doc: 'Which column feeds which field, as JSON such as `{"Tel":"phone_no","#3":"name","Memo":null}`, or `saved`.',
    more: 'A column is named by its header or by its place (`#1`, not counting `_row` and `_errors`), a field by its name; null ignores the column. Columns that are not named are matched by their headers. With `header=false` it names every column by its place. `saved` takes the mapping that the last successful import with this header used.',
    without: 'columns are matched by their headers',
    takesObject: true,
    flag: { flags: '--mapping <json>' },
    retry: 'inherited',
  }),
  trim: flagOrNone({
    doc: 'Whether blanks at both ends of cells are taken off (`true`) or part of the cell (`false`), in quotes or not.',
    more: 'They are blanks of any kind, such as those that fill columns up to one width.',
    without:
      'they are part of the cell; if the header has such blanks, and at least half of the cells below it, the answer is 422',
    flag: { flags: '--trim <boolean>' },
    retry: 'inherited',
  }),
  dateOrder: choiceOrNone(['ymd', 'dmy', 'mdy'], {
    doc: 'How the file writes dates that do not begin with the year, in fields of format `any`.',
    more: 'With `ymd` such dates are rejected.',
    without: 'the file must prove it, column by column (31/12/2024), or the answer is 422',
    flag: { flags: '--date-order <order>' },
    retry: 'inherited',
  }),
  decimalChar: choiceOrNone(['.', ','], {
    doc: 'The decimal character of numbers in fields that declare neither decimalChar nor groupChar.',
    without: '`.`, as Table Schema says; nothing is guessed',
    flag: { flags: '--decimal-char <character>' },
    retry: 'inherited',
  }),
  groupChar: text(readGroupChar, {
    schema: Type.String({ pattern: '^([^0-9+-]|space)$' }),
    doc: "The character between groups of digits in such numbers, such as `.`, `,` or `'`, or `space`.",
    without: 'there is none',
    flag: { flags: '--group-char <character>' },
    retry: 'inherited',
  }),
  negative: text(readNegative, {
    schema: Type.String({ pattern: `^(${NEGATIVES.join('|')})(,(${NEGATIVES.join('|')}))*$` }),
    doc: `How the file writes negative numbers besides \`-5\`, in fields that declare no \`negative\`: ${NEGATIVES.map((name) => `\`${name}\` (\`${NEGATIVE_EXAMPLES[name]}\`)`).join(', ')}; several with commas between them.`,
    without: 'a number with such a sign is a row error',
    flag: { flags: '--negative <forms>' },
    retry: 'inherited',
  }),
  pivotYear: text(readPivotYear, {
    schema: Type.Integer({ minimum: 1000, maximum: 9900 }),
    doc: 'The first of the hundred years that a year of two digits can mean, in fields of format `any` that declare none: with `1950`, `31.12.49` is in 2049.',
    more: 'It needs `dateOrder`, unless other dates of the column prove the order.',
    without: 'a date whose year has two digits is a row error',
    flag: { flags: '--pivot-year <year>' },
    retry: 'inherited',
  }),
  timeZone: text(readTimeZone, {
    schema: Type.String({ minLength: 1, maxLength: 60 }),
    doc: 'The time zone of times that are written without an offset, in datetime fields that declare none: an IANA name such as `Europe/Berlin`, `UTC`, or an offset such as `+09:00`.',
    more: 'A time that clocks skipped when they were put forward is a row error. So is one that they showed twice, unless `timeZoneOverlap` says which is meant.',
    without: 'as the dataset says; where it says nothing, such times are UTC',
    flag: { flags: '--time-zone <name>' },
    retry: 'inherited',
  }),
  timeZoneOverlap: choiceOrNone(TIME_ZONE_OVERLAPS, {
    doc: 'Which of two instants is meant by a time that clocks showed twice when they were put back.',
    without: 'as the dataset says; where it says nothing, such a time is a row error',
    flag: { flags: '--time-zone-overlap <which>' },
    retry: 'inherited',
  }),
};

function readNegative(said: string, name: string): Negative[] {
  return said.split(',').map((form) => {
    const known = NEGATIVES.find((each) => each === form.trim());
    if (known === undefined)
      throw wrong(
        name,
        `must be one or several of ${NEGATIVES.join(', ')}, with commas between them, not "${said.slice(0, 40)}"`,
      );
    return known;
  });
}

function readPivotYear(said: string, name: string): number {
  const year = /^\d{1,4}$/.test(said) ? Number(said) : undefined;
  if (!isPivotYear(year)) throw wrong(name, `${PIVOT_YEARS}, not "${said.slice(0, 40)}"`);
  return year;
}

function readTimeZone(said: string, name: string): string {
  try {
    checkTimeZone(said);
    return said;
  } catch (error) {
    throw wrong(name, (error as Error).message);
  }
}

function readGroupChar(said: string, name: string): string {
  const group = said === 'space' ? ' ' : said;
  if (!/^[^0-9+-]$/u.test(group)) throw wrongGroupChar(name);
  return group;
}

export function wrongGroupChar(name: string): Error {
  return wrong(
    name,
    "must be one character such as . , ' (or: space), neither a digit, a sign nor the decimal character",
  );
}
