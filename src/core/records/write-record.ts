// Records as JSON text, from values as Postgres writes them: no number goes through a double, no time through a Date.
import type { Selected } from './query.ts';
import type { RecordColumn } from './record-shape.ts';

/** One value of a row. */
export type Value = string | null;
/** The JSON text of a record, from the values of `leavesOf(select)`. */
export type WriteRecord = (values: readonly Value[]) => string;

/** The columns a record is written from, in the order of its row: those of a link are preceded by the link's own `id`. */
export function leavesOf(select: readonly Selected[]): RecordColumn[] {
  return select.flatMap((selected) =>
    'column' in selected ? selected.column : [selected.link.columns[0]!, ...selected.columns],
  );
}

/** The same for the same selection, such as that of whole records. */
export function writerOf(select: readonly Selected[]): WriteRecord {
  const write = writers.get(select) ?? compileWriter(select);
  writers.set(select, write);
  return write;
}

const writers = new WeakMap<readonly Selected[], WriteRecord>();

export function compileWriter(select: readonly Selected[]): WriteRecord {
  let at = 0;
  const members = select.map((selected) => {
    const from = at;
    at += 'column' in selected ? 1 : 1 + selected.columns.length;
    if ('column' in selected) return member(selected.column, from);
    const { link, columns } = selected;
    const nested = compileObject(columns.map((column, index) => member(column, from + 1 + index)));
    return {
      name: `${JSON.stringify(link.table)}:`,
      write: (values: readonly Value[]) => (values[from] === null ? 'null' : nested(values)),
    };
  });
  return compileObject(members);
}

interface Member {
  /** With its colon. */
  readonly name: string;
  readonly write: WriteRecord;
}

function member(column: RecordColumn, at: number): Member {
  const write = valueWriter(column);
  return {
    name: `${JSON.stringify(column.name)}:`,
    write: (values) => {
      const value = values[at] as Value;
      return value === null ? 'null' : write(value);
    },
  };
}

function compileObject(members: readonly Member[]): WriteRecord {
  const heads = members.map(({ name }, at) => (at === 0 ? `{${name}` : `,${name}`));
  const writes = members.map(({ write }) => write);
  return (values) => {
    let text = '';
    for (let at = 0; at < writes.length; at++) text += heads[at]! + writes[at]!(values);
    return `${text === '' ? '{' : text}}`;
  };
}

function valueWriter({ kind }: RecordColumn): (text: string) => string {
  switch (kind) {
    case 'integer':
    case 'json':
      return (text) => text;
    case 'number':
      return writeNumber;
    case 'boolean':
      return (text) => (text === 't' ? 'true' : 'false');
    case 'datetime':
      return (text) => `"${rfc3339(text)}"`;
    // Nothing in them needs to be escaped.
    case 'date':
    case 'time':
    case 'uuid':
      return (text) => `"${text}"`;
    case 'text':
      return JSON.stringify;
  }
}

const ZERO = 48;
const NINE = 57;

/** `NaN` and `Infinity` are no numbers of JSON. */
function writeNumber(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= ZERO && last <= NINE ? text : `"${text}"`;
}

/**
 * `2024-01-31 13:45:00.5+00`, as a session in UTC has it; a time without a zone gets none. `infinity` and years before Christ stay as they
 * are.
 */
export function rfc3339(text: string): string {
  if (text.charCodeAt(10) !== BLANK || text.endsWith('BC')) return text;
  return text.endsWith('+00')
    ? `${text.slice(0, 10)}T${text.slice(11, -3)}Z`
    : `${text.slice(0, 10)}T${text.slice(11)}`;
}

const BLANK = 32;
