import { tableName } from '../identifiers.ts';
import { takenBackRows } from '../schema/imported-rows.ts';

/** SQL behind `WITH deleted AS (… RETURNING … AS row),` of the import $1: notes the records of what was deleted, as runs, and counts it. */
export const NOTE_DELETED = `
     numbered AS (
       SELECT row, row - row_number() OVER (ORDER BY row) AS run FROM (SELECT DISTINCT row FROM deleted) AS each),
     noted AS (
       INSERT INTO ${tableName(takenBackRows)} (import_id, first_row, last_row)
       SELECT $1, min(row), max(row) FROM numbered GROUP BY run)
     SELECT count(*) AS deleted FROM deleted`;
