// A field that several columns of a file feed, as the field of one of their cells and as that of the whole list.
import { foldHeader, labelsOf } from '../header/mapping.ts';
import type { Field, WrittenField } from '../types.ts';

/** The field of one cell: a text, which is normalized, and may mean no value. */
export function elementField({ normalize, missingValues, lenientValues }: WrittenField): WrittenField {
  return {
    // None of the names that a primary key may have.
    name: '',
    type: 'string',
    ...(normalize === undefined ? {} : { normalize }),
    ...(missingValues === undefined ? {} : { missingValues }),
    ...(lenientValues === undefined ? {} : { lenientValues }),
  };
}

/** The field of the list, whose cells have been read. */
export function listField({ normalize: _read, ...field }: WrittenField): WrittenField {
  return { ...field, missingValues: [''], lenientValues: false };
}

/** What programs write behind a name to tell one column from the next: `Phone 2`, `phone_2`, `Phone.1`, `phone2`, `Phone (2)`. */
const NUMBERED = /^(.+?)[ ._#-]*(?:[0-9]{1,3}|\([0-9]{1,3}\))$/;

/** Finds the repeated field that a numbered header means. */
export function repeatedFields(fields: readonly Field[]): (folded: string) => number | undefined {
  const indexOf = new Map(
    fields.flatMap((field, index) =>
      field.repeated === true ? labelsOf(field).map((label) => [foldHeader(label), index] as const) : [],
    ),
  );
  return (folded) => (indexOf.size === 0 ? undefined : indexOf.get(NUMBERED.exec(folded)?.[1]?.trim() ?? ''));
}
