import type { Field } from '../dataset/types.ts';
import { STYLES } from './write-workbook.ts';

/** What a spreadsheet shall make of what is typed into a column: texts keep their zeros, dates become dates. */
export function styleOfField(field: Field | undefined): number {
  switch (field?.type) {
    case 'date':
      return STYLES.date;
    case 'datetime':
      return STYLES.moment;
    case 'time':
      return STYLES.time;
    case 'integer':
    case 'number':
    case 'boolean':
      return STYLES.plain;
    default:
      return STYLES.text;
  }
}
