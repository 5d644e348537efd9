import type { Field, FieldType, WrittenField } from '../../types.ts';
import { booleanReader } from './boolean.ts';
import { dateReader, yearMonthReader, yearReader } from './date.ts';
import { arrayReader, objectReader } from './json.ts';
import { integerReader, numberReader } from './number.ts';
import { withNonFinite } from './non-finite.ts';
import { asPostgresWrites } from './postgres.ts';
import { STRING_FORMATS, stringReader, type StringFormat } from './string.ts';
import { datetimeReader } from './datetime.ts';
import { timeReader } from './time.ts';
import type { TypeReader } from './type-reader.ts';

/**
 * The reader of a field's type and format.
 * @throws Error whose message ends the sentence "format …" when the type has no such format
 */
export function createTypeReader(field: WrittenField): TypeReader {
  const declared = createDeclaredReader(field);
  const reader = field.writtenBy === 'postgres' ? asPostgresWrites(declared, field) : declared;
  return field.type === 'number' && field.nonFinite === true ? withNonFinite(reader) : reader;
}

function createDeclaredReader(field: WrittenField): TypeReader {
  const { type, format = 'default' } = field;
  const { locale, calendar } = field;
  if (locale !== undefined && !format.includes('%'))
    throw new Error('must be a pattern such as %d %B %Y where a locale is declared');
  if (calendar !== undefined && calendar !== 'gregorian' && format !== 'any' && !format.includes('%'))
    throw new Error(`must be any or a pattern where the calendar is ${calendar}`);
  switch (type) {
    case 'string':
      if (!isStringFormat(format))
        throw new Error(`must be one of ${STRING_FORMATS.join(', ')}, not "${format}"`);
      return stringReader(format);
    case 'date':
      return dateReader(format, field);
    case 'datetime':
      return datetimeReader(format, field);
    case 'time':
      return timeReader(format, field);
    default:
      if (format !== 'default') throw new Error(`does not apply to type ${type}; leave it out`);
      return readerWithoutFormat(field, type);
  }
}

function readerWithoutFormat(
  field: Field,
  type: Exclude<FieldType, 'string' | 'date' | 'datetime' | 'time'>,
): TypeReader {
  switch (type) {
    case 'integer':
      return integerReader(field);
    case 'number':
      return numberReader(field);
    case 'boolean':
      return booleanReader(field);
    case 'year':
      return yearReader();
    case 'yearmonth':
      return yearMonthReader();
    case 'object':
      return objectReader();
    case 'array':
      return arrayReader();
    case 'any':
      return stringReader('default');
  }
}

function isStringFormat(format: string): format is StringFormat {
  return (STRING_FORMATS as readonly string[]).includes(format);
}
