// The rows that Postgres refuses, in a temporary table of the transaction, so that a million of them never sit in memory.
import pg from 'pg';
import { DATA_ERROR, RAISED } from '../../errors.ts';
import type { Tx } from '../../transaction.ts';

/** What Postgres says of a row it refuses; a text is empty where it says nothing. */
export interface Refusal {
  /** SQLSTATE. */
  readonly code: string;
  readonly message: string;
  readonly detail: string;
  /** The constraint or unique index that is broken. */
  readonly constraint: string;
  /** The columns that it is about; those of the constraint, in its order. */
  readonly columns: readonly string[];
}

/** A row that Postgres alone knew to be wrong. */
export interface RefusedRow {
  readonly row: number;
  readonly error: Refusal;
}

/** `("row" bigint PRIMARY KEY, code, message, detail, "constraint" text, columns text[])`. */
export const REFUSED = 'pg_temp.sluice_refused';

/** Makes the table, for this transaction, unless it is there. */
export async function openRefused(tx: Tx): Promise<void> {
  const { rows } = await tx.$client.query<{ isThere: boolean }>(
    `SELECT to_regclass('${REFUSED}') IS NOT NULL AS "isThere"`,
  );
  if (rows[0]!.isThere) return;
  await tx.$client.query(
    `CREATE TEMP TABLE sluice_refused
       ("row" bigint PRIMARY KEY, code text, message text, detail text, "constraint" text, columns text[]) ON COMMIT DROP`,
  );
}

export async function dropRefused(tx: Tx): Promise<void> {
  await tx.$client.query(`DROP TABLE ${REFUSED}`);
}

/** Row numbers from `first` to `last`, both included. */
export async function countRefused(tx: Tx, first = 0, last = Number.MAX_SAFE_INTEGER): Promise<number> {
  const { rows } = await tx.$client.query<{ count: string }>(
    `SELECT count(*) FROM ${REFUSED} WHERE "row" BETWEEN ${first} AND ${last}`,
  );
  return Number(rows[0]!.count);
}

/** SQL: true for a row number that is not among the refused. */
export function notRefused(row: string): string {
  return `NOT EXISTS (SELECT FROM ${REFUSED} AS out_of WHERE out_of."row" = ${row})`;
}

/** The refused rows from `firstRow` to `lastRow`, both included, ascending. @param table SQL name of one that is like REFUSED */
export async function readRefused(
  tx: Tx,
  firstRow: number,
  lastRow: number,
  table = REFUSED,
): Promise<RefusedRow[]> {
  // Most rows are refused for the reason of the row before, which then need not be sent and read again.
  const { rows } = await tx.$client.query<[row: string, detail: string, reason: Reason | null]>({
    rowMode: 'array',
    text: `
      SELECT "row", detail, CASE WHEN ${REASON_FIELDS.map((field) => `${field} = lag(${field}) OVER before`).join(' AND ')} THEN NULL
                                 ELSE jsonb_build_object('code', code, 'message', message, 'constraint', "constraint", 'columns', columns)
                            END
        FROM ${table} WHERE "row" BETWEEN ${firstRow} AND ${lastRow}
      WINDOW before AS (ORDER BY "row") ORDER BY "row"`,
  });
  let last: Reason;
  return rows.map(([row, detail, reason]) => {
    const { code, message, constraint, columns } = (last = reason ?? last);
    return { row: Number(row), error: { code, message, detail, constraint, columns } };
  });
}

type Reason = Omit<Refusal, 'detail'>;
const REASON_FIELDS = ['code', 'message', '"constraint"', 'columns'];

/** Runs statements for each row in turn, inside Postgres, until one breaks a rule: that error is thrown. Arguments as below. */
export async function applyInOrder(
  tx: Tx,
  rows: string,
  statements: (row: string) => readonly string[],
): Promise<void> {
  const body = `
    #variable_conflict use_column
    <<applying>>
    DECLARE place bigint;
    BEGIN
      FOR place IN ${rows} LOOP
        ${asBody(statements)}
      END LOOP;
    END`;
  await tx.$client.query(`DO ${pg.escapeLiteral(body)}`);
}

function asBody(statements: (row: string) => readonly string[]): string {
  return statements('applying.place')
    .map((statement) => `${statement};`)
    .join('\n');
}

/**
 * Runs statements for each row by itself, inside Postgres: thousands of rows would else be as many round trips.
 * A row whose statements break a rule of the data is taken back and recorded as refused.
 * @param rows a query of row numbers, in the order in which they are tried
 * @param statements SQL that does the work for the row that its argument names
 */
export async function applySingly(
  tx: Tx,
  rows: string,
  statements: (row: string) => readonly string[],
): Promise<void> {
  const body = `
    #variable_conflict use_column
    <<applying>>
    DECLARE place bigint; code text; message text; detail text; context text; field text; rule text; relation text; namespace text;
      last_broken text[]; columns_of_rule text[];
    BEGIN
      FOR place IN ${rows} LOOP
        BEGIN
          ${asBody(statements)}
        EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
          GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
            context = PG_EXCEPTION_CONTEXT, field = COLUMN_NAME, rule = CONSTRAINT_NAME, relation = TABLE_NAME, namespace = SCHEMA_NAME;
          IF applying.code !~ ${pg.escapeLiteral(DATA_ERROR)} AND applying.context !~ ${pg.escapeLiteral(RAISED)} THEN RAISE; END IF;
          IF ARRAY[applying.namespace, applying.relation, applying.rule] IS DISTINCT FROM applying.last_broken THEN
            applying.last_broken := ARRAY[applying.namespace, applying.relation, applying.rule];
            applying.columns_of_rule := ${COLUMNS_OF_RULE};
          END IF;
          INSERT INTO ${REFUSED} VALUES (applying.place, applying.code, applying.message, applying.detail, applying.rule,
            CASE WHEN applying.field <> '' THEN ARRAY[applying.field] ELSE applying.columns_of_rule END)
          ON CONFLICT DO NOTHING;
        END;
      END LOOP;
    END`;
  await tx.$client.query(`DO ${pg.escapeLiteral(body)}`);
}

/** Of an index `i` of table `t` that has expressions. */
const COLUMNS_OF_EXPRESSIONS = `
  ARRAY(SELECT a.attnum FROM pg_catalog.pg_attribute AS a
         WHERE a.attrelid = t.oid AND a.attnum > 0
           AND (a.attnum = ANY (i.indkey) OR EXISTS (
                 SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = i.indexrelid
                    AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = t.oid AND d.refobjsubid = a.attnum))
         ORDER BY a.attnum)`;

/** Of the constraint that was broken, or the unique index that is none. Most rows break the rule of the row before, so it is remembered. */
const COLUMNS_OF_RULE = `
  ARRAY(SELECT a.attname::text
          FROM pg_catalog.pg_class AS t
          JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
          CROSS JOIN LATERAL (
            SELECT con.conkey AS keys FROM pg_catalog.pg_constraint AS con
             WHERE con.conrelid = t.oid AND con.conname = applying.rule
             UNION
            SELECT CASE WHEN 0 = ANY (i.indkey) THEN ${COLUMNS_OF_EXPRESSIONS} ELSE i.indkey::int2[] END
              FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS ind ON ind.oid = i.indexrelid
             WHERE i.indrelid = t.oid AND ind.relname = applying.rule LIMIT 1) AS broken
          CROSS JOIN LATERAL unnest(broken.keys) WITH ORDINALITY AS k (attnum, at)
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.attnum AND a.attnum > 0
         WHERE applying.rule <> '' AND t.relname = applying.relation AND n.nspname = applying.namespace
         ORDER BY k.at)`;
