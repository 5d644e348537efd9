// Requests over records that become tasks: what every process knows of them. How they are done, only workers know (src/tasks/records).
import { WORKBOOK_TYPE } from '../excel/write-workbook.ts';
import { EVERYTHING, refuseQuery, type Condition } from './query.ts';
import { parseFilters, type FilterParameters } from './parse-query.ts';
import type { RecordShape } from './record-shape.ts';
import type { ScopeVerb } from '../access/key-scope.ts';

/** As it was sent: what it means is read when it is done, by the dataset as it is then. */
export interface RecordRequest {
  /** Parameters of the URL: filters, and of an export `select` and `order`. */
  readonly parameters: FilterParameters;
  /** The text of the JSON body. */
  readonly body?: string;
}

/** Names of tasks, and the verb that a key which is limited to verbs needs for each. */
export const CHANGE_RECORDS = 'change-records';
export const DELETE_RECORDS = 'delete-records';
export const EXPORT_RECORDS = 'export-records';
const VERBS: Readonly<Record<string, ScopeVerb>> = {
  [CHANGE_RECORDS]: 'write',
  [DELETE_RECORDS]: 'write',
  [EXPORT_RECORDS]: 'read',
};

/** Undefined for other tasks. */
export function verbOfRecordTask(name: string): ScopeVerb | undefined {
  return VERBS[name];
}

/** The filter of a change of many records, which must have one. @throws AppError QUERY_INVALID */
export function requireFilter(shape: RecordShape, filters: FilterParameters): Condition {
  const where = parseFilters(shape, filters);
  return where === EVERYTHING
    ? refuseQuery('The request has no filter. Give one, such as completed=is.true; id=not.is.null is all.')
    : where;
}

/** Forms of a file of records. */
export const EXPORT_FORMATS = ['csv', 'ndjson', 'json', 'xlsx'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  json: 'application/json; charset=utf-8',
  xlsx: WORKBOOK_TYPE,
};

/** Its `Content-Type`. */
export function typeOfExport(format: ExportFormat): string {
  return TYPES[format];
}
