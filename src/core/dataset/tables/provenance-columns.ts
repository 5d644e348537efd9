// What rows of a table that exists bring along on their way there, beside its columns: none of them is in the table itself.

/** Of a table that exists: in the order in which rows bring them, the fields between `id` and the others. */
export const PROVENANCE_COLUMNS = {
  id: 'sluice_id',
  createdBy: 'sluice_created_by',
  updatedBy: 'sluice_updated_by',
  importId: 'import_id',
  importRow: 'import_row',
} as const;

const TYPES: Readonly<Record<string, string>> = {
  [PROVENANCE_COLUMNS.id]: 'uuid',
  [PROVENANCE_COLUMNS.createdBy]: 'uuid',
  [PROVENANCE_COLUMNS.updatedBy]: 'uuid',
  [PROVENANCE_COLUMNS.importId]: 'uuid',
  [PROVENANCE_COLUMNS.importRow]: 'bigint',
};

/** The type of one of these columns; undefined for a column of the table. */
export function provenanceType(column: string): string | undefined {
  return TYPES[column];
}

/** Names that no field of a table that exists may have. */
export const NAMES_IN_USE: readonly string[] = Object.values(PROVENANCE_COLUMNS);
