// A cell `\N` is NULL in what MySQL and Postgres export. Where nobody has said whether the file is such an export, it is not taken as text.
import { NULL_SIGN } from '../../csv/records/database-text.ts';
import type { FieldReader } from '../fields/compile-field.ts';

/** The reader, without taking `\N` for a text. A field that has it among its missing values takes it for none as before. */
export function refuseNullSign(reader: FieldReader): FieldReader {
  const { read, explain } = reader;
  if (read(NULL_SIGN) !== NULL_SIGN) return reader;
  return {
    ...reader,
    read: (text) => {
      const value = read(text);
      return value === NULL_SIGN ? undefined : value;
    },
    explain: (text) =>
      read(text) === NULL_SIGN
        ? [
            {
              code: 'type-error',
              message:
                'holds "\\N", which means NULL in exports of MySQL and Postgres. Send the file with dialect=mysql or dialect=postgres-text, or add "\\N" to the missing values of the field; if it is meant as text, send dialect=csv',
            },
          ]
        : explain(text),
  };
}
