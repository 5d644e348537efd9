// Row errors as JSON.
import { Type, type Static } from '@fastify/type-provider-typebox';
import { withPlace, type PlacesOfFile } from '../../core/imports/error-place.ts';
import { CONSTRAINT_NAMES, ROW_ERROR_CODES, type RowError } from '../../core/imports/row-error.ts';
import { component } from '../http/components.ts';
import { Column } from '../http/problem-schemas.ts';
import { choice, nullable, PageQuery } from '../http/schemas.ts';

const RowErrorCodeName = component(
  'RowErrorCode',
  choice(ROW_ERROR_CODES, 'The kind of error, for programs; named after the Frictionless errors.'),
);

const CellOfSheet = Type.String({
  description: 'Of a workbook: the cell in its sheet, such as `B12`.',
});

const EntryOfError = Type.String({
  description: 'Of joined files of a ZIP archive: the name of the file, whose own line `line` is then.',
});

export const RowErrorSchema = component(
  'RowError',
  Type.Object(
    {
      row: Type.Integer({
        description:
          'Data record, from 1; the header and blank lines do not count. Of a retry, its `_row`: the number in the first file; 0 when that is no number.',
      }),
      line: Type.Integer({
        description: 'Physical line where the record starts, from 1, as an editor shows it.',
      }),
      lineEnd: Type.Optional(
        Type.Integer({ description: 'Physical line where it ends, if that is another one.' }),
      ),
      column: nullable(Column),
      cell: Type.Optional(CellOfSheet),
      entry: Type.Optional(EntryOfError),
      code: RowErrorCodeName,
      constraint: Type.Optional(choice(CONSTRAINT_NAMES, 'Which constraint, with `constraint-error`.')),
      value: nullable(
        Type.String({
          description: 'The cell as in the file, cut to 200 characters; null for one of a sensitive field.',
        }),
      ),
      message: Type.String(),
    },
    {
      examples: [
        {
          row: 17,
          line: 18,
          column: { index: 5, name: '電話番号' },
          code: 'constraint-error',
          constraint: 'pattern',
          value: '03-1234-5678',
          message: 'must match [0-9]{11}',
        },
      ],
    },
  ),
);

export const FirstError = component(
  'FirstRowError',
  Type.Object(
    {
      row: Type.Integer({ description: 'Data record, from 1.' }),
      line: Type.Integer({ description: 'Physical line where the record starts.' }),
      column: nullable(Column),
      cell: Type.Optional(CellOfSheet),
      entry: Type.Optional(EntryOfError),
      code: RowErrorCodeName,
      message: Type.String(),
    },
    { description: 'The first row error of the file.' },
  ),
);

export const ErrorsQuery = Type.Object(
  {
    ...PageQuery,
    code: Type.Optional(RowErrorCodeName),
    column: Type.Optional(Type.String({ description: 'Only this column, by its header.' })),
  },
  { additionalProperties: false },
);

/** @param file says what its places are called */
export function toRowErrorJson(error: RowError, file: PlacesOfFile): Static<typeof RowErrorSchema> {
  return { ...withPlace(error, file) };
}
