// A workbook to fill in: the dataset's header, an example, a list to choose from where a field has an enum, and a note at each column.
import { columnLetters } from '../../excel/cell-name.ts';
import { styleOfField } from '../../excel/column-style.ts';
import { escapeText, numberCell, rowXml, textCell } from '../../excel/write-cell.ts';
import {
  belowHeader,
  sheetHead,
  sheetName,
  sheetPart,
  sheetTail,
  STYLES,
  workbookParts,
} from '../../excel/write-workbook.ts';
import { isRequired } from '../fields/compile-field.ts';
import type { Dataset, Field } from '../types.ts';
import { headerOf } from './template.ts';

/** Excel shows notes up to these lengths. */
const MAX_TITLE_CHARS = 32;
const MAX_NOTE_CHARS = 255;
const LEAST_WIDTH = 12;
const MOST_WIDTH = 60;
const LISTS = 'Lists';

/** The parts of the workbook. A returned file is read from its first sheet: the lists are hidden. */
export function templateWorkbook(dataset: Dataset): [name: string, xml: string][] {
  const { fields } = dataset.schema;
  const lists = fields.filter(({ constraints }) => constraints?.enum !== undefined);
  const name = sheetName(dataset.title ?? dataset.name);
  return [
    ...workbookParts([
      { name: name === LISTS ? dataset.name : name },
      ...(lists.length === 0 ? [] : [{ name: LISTS, isHidden: true }]),
    ]),
    [sheetPart(0), mainSheet(dataset, lists)],
    ...(lists.length === 0 ? [] : [[sheetPart(1), listSheet(lists)] satisfies [string, string]]),
  ];
}

function mainSheet(dataset: Dataset, lists: readonly Field[]): string {
  const { schema } = dataset;
  const { fields } = schema;
  const labels = fields.map(headerOf);
  const header = labels.map((label, at) =>
    textCell(1, at + 1, label, isRequired(fields[at]!, schema) ? STYLES.required : STYLES.header),
  );
  const example = fields.map((field, at) => textCell(2, at + 1, field.example ?? '', styleOfField(field)));
  const hasExample = fields.some(({ example: text = '' }) => text !== '');
  const columns = fields.map((field, at) => ({
    width: Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, labels[at]!.length + 2)),
    style: styleOfField(field),
  }));
  const notes = fields.map((field, at) => validation(field, at + 1, isRequired(field, schema), lists));
  return [
    sheetHead(columns),
    rowXml(1, header),
    ...(hasExample ? [rowXml(2, example)] : []),
    sheetTail(`<dataValidations count="${notes.length}">${notes.join('')}</dataValidations>`),
  ].join('');
}

/** The list of a field, and what Excel shows when a cell of the column is chosen. */
function validation(field: Field, column: number, required: boolean, lists: readonly Field[]): string {
  const label = headerOf(field);
  const note = [
    required ? 'Required.' : 'May be empty.',
    field.description ?? '',
    field.example === undefined ? '' : `Example: ${field.example}`,
  ];
  const list = lists.indexOf(field);
  const values = field.constraints?.enum?.length ?? 0;
  const letters = columnLetters(list + 1);
  const kind = list === -1 ? '' : ' type="list"';
  const said = `allowBlank="1" showInputMessage="1" promptTitle="${cut(label, MAX_TITLE_CHARS)}" prompt="${cut(note.filter((part) => part !== '').join(' '), MAX_NOTE_CHARS)}"`;
  const refuses =
    list === -1
      ? ''
      : ` showErrorMessage="1" errorTitle="${cut(label, MAX_TITLE_CHARS)}" error="Choose a value of the list."`;
  const range = list === -1 ? '' : `<formula1>${LISTS}!$${letters}$1:$${letters}$${values}</formula1>`;
  return `<dataValidation${kind} ${said}${refuses} sqref="${belowHeader(column)}">${range}</dataValidation>`;
}

function cut(text: string, most: number): string {
  const chars = [...text];
  return escapeText(chars.length <= most ? text : `${chars.slice(0, most - 1).join('')}…`).replace(
    /\n/g,
    '&#10;',
  );
}

/** A column for each list. */
function listSheet(lists: readonly Field[]): string {
  const values = lists.map(({ constraints }) => constraints!.enum!);
  const rows = Array.from({ length: Math.max(...values.map((list) => list.length)) }, (_, at) =>
    rowXml(
      at + 1,
      values.flatMap((list, column) => (at < list.length ? [valueCell(at + 1, column + 1, list[at])] : [])),
    ),
  );
  return `${sheetHead([])}${rows.join('')}${sheetTail()}`;
}

function valueCell(row: number, column: number, value: unknown): string {
  return typeof value === 'number' ? numberCell(row, column, value) : textCell(row, column, String(value));
}
