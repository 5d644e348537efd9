export const SYSTEM_COLUMNS = ['created_at', 'updated_at', 'created_by', 'updated_by', 'import_id', 'import_row'] as const;
