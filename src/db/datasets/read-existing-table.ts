// Reads from the catalog what a table is that somebody else has made.
import type { ExistingColumn, ExistingTable } from '../../core/dataset/tables/existing-table.ts';
import type { TableName } from '../identifiers.ts';
import type { Tx } from '../transaction.ts';

interface Found {
  readonly oid: number;
  readonly kind: string;
  readonly comment: string | null;
  readonly hasRowSecurity: boolean;
  readonly hasRules: boolean;
  readonly isTemporary: boolean;
  readonly lacksRights: readonly string[];
}

/** @returns undefined when there is nothing of this name */
export async function readExistingTable(
  tx: Tx,
  { schema, table }: TableName,
): Promise<ExistingTable | undefined> {
  const { rows } = await tx.$client.query<Found>(
    `SELECT c.oid, c.relkind AS kind, obj_description(c.oid, 'pg_class') AS comment, row_security_active(c.oid) AS "hasRowSecurity",
            EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type <> '1') AS "hasRules",
            c.relpersistence = 't' AS "isTemporary",
            ARRAY(SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p
                   WHERE NOT has_table_privilege(c.oid, p)) AS "lacksRights"
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2`,
    [schema, table],
  );
  const [found] = rows;
  if (found === undefined) return undefined;
  return {
    schema,
    name: table,
    comment: found.comment,
    isPartitioned: found.kind === 'p',
    columns: await readColumns(tx, found.oid),
    ...(await readRules(tx, found.oid)),
    obstacles: obstaclesOf(found, { schema, table }),
  };
}

const NO_TABLES: Readonly<Record<string, string>> = {
  v: 'a view: its rows are those of other tables',
  m: 'a materialized view: its rows are made by REFRESH alone',
  f: 'a foreign table: its rows are in another database, which knows nothing of our transactions, so that exactly once could not be kept',
  i: 'an index',
  S: 'a sequence',
  c: 'a composite type',
};

function obstaclesOf(
  { kind, hasRowSecurity, hasRules, isTemporary, lacksRights }: Found,
  { schema, table }: TableName,
): string[] {
  const named = `"${schema}.${table}"`;
  const what = NO_TABLES[kind];
  if (what !== undefined) return [`${named} is ${what}. Name a table: an ordinary one or a partitioned one.`];
  return [
    ...(isTemporary ? [`Table ${named} is temporary, and other sessions do not see it.`] : []),
    ...(hasRowSecurity
      ? [
          `Table ${named} has row level security that applies to Sluice's user too: rows that land could not be seen, and those that are there would look like none. ` +
            `Let the user pass it (ALTER ROLE … BYPASSRLS, or ALTER TABLE … NO FORCE ROW LEVEL SECURITY when it owns the table).`,
        ]
      : []),
    ...(hasRules
      ? [
          `Table ${named} has rewrite rules, which do something else in the place of an INSERT, UPDATE or DELETE. Make them triggers.`,
        ]
      : []),
    ...(lacksRights.length > 0
      ? [
          `Sluice's user may not ${lacksRights.join(', ')} on table ${named}. Grant it (GRANT ${lacksRights.join(', ')} ON ${schema}.${table} TO …).`,
        ]
      : []),
  ];
}

/** A domain counts as what it is made of, with the length that is said last. */
async function readColumns(tx: Tx, oid: number): Promise<ExistingColumn[]> {
  const { rows } = await tx.$client.query<ExistingColumn>(
    `WITH RECURSIVE typed AS (
       SELECT a.attnum, a.atttypid AS type, a.atttypmod AS mod, a.attnotnull AS "notNull"
         FROM pg_attribute a WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
       UNION ALL
       SELECT typed.attnum, t.typbasetype, t.typtypmod, typed."notNull" OR t.typnotnull
         FROM typed JOIN pg_type t ON t.oid = typed.type WHERE t.typtype = 'd')
     SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, format_type(a.atttypid, -1) AS "plainType",
            format_type(base.type, -1) AS "baseType",
            CASE WHEN a.attcollation <> own.typcollation THEN format('%I.%I', coll_schema.nspname, coll.collname) END AS collation,
            CASE WHEN base.type IN ('bpchar'::regtype, 'varchar'::regtype) AND base.mod > 0 THEN base.mod - 4 END AS "maxLength",
            CASE WHEN base.type = 'numeric'::regtype AND base.mod > 0 THEN ((base.mod - 4) >> 16) & 65535 END AS precision,
            CASE WHEN base.type = 'numeric'::regtype AND base.mod > 0 THEN (((base.mod - 4) & 2047) # 1024) - 1024 END AS scale,
            NOT base."notNull" AS nullable,
            CASE WHEN a.attgenerated <> '' THEN NULL
                 WHEN a.attidentity <> '' THEN format('nextval(%L::regclass)', pg_get_serial_sequence($1::oid::regclass::text, a.attname))
                 ELSE pg_get_expr(d.adbin, d.adrelid) END AS "default",
            CASE WHEN a.attidentity = 'a' THEN 'identity' WHEN a.attgenerated <> '' THEN 'generated' END AS "filledBy",
            a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false) AS "isNumbered",
            CASE WHEN t.typtype = 'e' THEN ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = base.type ORDER BY e.enumsortorder) END AS labels,
            col_description(a.attrelid, a.attnum) AS comment
       FROM pg_attribute a
       JOIN typed base ON base.attnum = a.attnum
       JOIN pg_type t ON t.oid = base.type AND t.typtype <> 'd'
       JOIN pg_type own ON own.oid = a.atttypid
       LEFT JOIN pg_collation coll ON coll.oid = a.attcollation
       LEFT JOIN pg_namespace coll_schema ON coll_schema.oid = coll.collnamespace
       LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [oid],
  );
  return rows;
}

/** Names of columns whose numbers are in an array, in its order. */
const NAMES = (table: string, numbers: string): string => `
  (SELECT jsonb_agg(a.attname ORDER BY k.at) FROM unnest(${numbers}) WITH ORDINALITY AS k (attnum, at)
     JOIN pg_attribute a ON a.attrelid = ${table} AND a.attnum = k.attnum)`;

type Rules = Pick<ExistingTable, 'keys' | 'checks' | 'references'>;

/** Keys are those that hold at once, for all rows and by plain columns; checks also those of the columns' domains. */
async function readRules(tx: Tx, oid: number): Promise<Rules> {
  const { rows } = await tx.$client.query<{ rules: Rules }>(
    `SELECT jsonb_build_object(
       'keys', (SELECT coalesce(jsonb_agg(jsonb_build_object('columns', ${NAMES('i.indrelid', '(i.indkey::int2[])[0:i.indnkeyatts - 1]')}, 'primary', i.indisprimary)
                                ORDER BY NOT i.indisprimary, i.indexrelid), '[]')
                  FROM pg_index i WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indimmediate
                   AND i.indpred IS NULL AND i.indexprs IS NULL),
       'checks', (SELECT coalesce(jsonb_agg(jsonb_build_object('columns', ${NAMES('con.conrelid', 'con.conkey')}, 'expression', pg_get_expr(con.conbin, con.conrelid))
                                  ORDER BY con.conname), '[]')
                    FROM pg_constraint con WHERE con.conrelid = $1 AND con.contype = 'c' AND (0 = ANY (con.conkey)) IS NOT TRUE),
       'references', (SELECT coalesce(jsonb_agg(jsonb_build_object('columns', ${NAMES('con.conrelid', 'con.conkey')},
                                        'to', format('"%s"."%s"', replace(n.nspname, '"', '""'), replace(r.relname, '"', '""')),
                                        'toColumns', ${NAMES('con.confrelid', 'con.confkey')}) ORDER BY con.conname), '[]')
                        FROM pg_constraint con JOIN pg_class r ON r.oid = con.confrelid JOIN pg_namespace n ON n.oid = r.relnamespace
                       WHERE con.conrelid = $1 AND con.contype = 'f' AND con.conparentid = 0)) AS rules`,
    [oid],
  );
  return rows[0]!.rules;
}
