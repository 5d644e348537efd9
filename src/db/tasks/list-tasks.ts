// Pages of tasks by filter, newest first, over tables of many millions. Indexes know name and status; what else a filter says is looked for
// in a bounded number of rows a page, so that no page takes long: it may then be short, and says where the next one goes on.
import { FINAL_STATUSES, TASK_STATUSES, type TaskStatus } from '../../core/tasks/task-status.ts';
import type { Queryable } from '../connection.ts';
import { findTaskViews, type TaskView } from './task-views.ts';

export interface TaskFilter {
  readonly name?: string;
  readonly status?: readonly TaskStatus[];
  readonly queue?: string;
  /** Who runs it, or ran it last. */
  readonly worker?: string;
  readonly tag?: string;
  readonly parentId?: string;
  /** RFC 3339. */
  readonly createdAfter?: string;
  readonly createdBefore?: string;
  /** Text in arguments or in the error's message, whatever its case. */
  readonly q?: string;
}

export interface TaskPage {
  readonly views: TaskView[];
  /** Behind which id the next page begins; null: there is none. */
  readonly next: string | null;
}

/** So many rows are looked at for a page, as they lie in the table. */
const MOST_SCANNED = 10_000;
/** Those of a name or status lie far from each other, so that each costs as much as several of the others. */
const MOST_SCATTERED = 2500;
/** Of either, where each has to be read as text. */
const READ_PART = 0.4;
/** With more names the rows are looked through as they come. */
const MOST_NAMES = 50;
/** An id has the time at which it was made, by another clock than `created_at`, and in a transaction that began before. */
const ID_SLACK_MS = 3_600_000;

/** SQL under way, and its values. */
class Sql {
  readonly values: unknown[] = [];

  /** @returns the parameter */
  value(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** A page of tasks; `before` is the last id of the page before. */
export async function listTaskViews(
  client: Queryable,
  filter: TaskFilter,
  page: { readonly limit: number; readonly before?: string | undefined },
): Promise<TaskPage> {
  const { ids, next } = await listTaskIds(client, filter, page);
  const byId = new Map((await findTaskViews(client, ids)).map((view) => [view.id, view]));
  return { views: ids.flatMap((id) => byId.get(id) ?? []), next };
}

/** The same, their ids alone. @param page.scan how many rows are looked at, if not as many as a request should wait for */
export async function listTaskIds(
  client: Queryable,
  filter: TaskFilter,
  page: { readonly limit: number; readonly before?: string | undefined; readonly scan?: number },
): Promise<{ readonly ids: string[]; readonly next: string | null }> {
  const names = await namesOf(client, filter);
  const sql = new Sql();
  const source = sourceOf(sql, filter, names, boundsOf(sql, filter, page.before));
  if (source === undefined) return { ids: [], next: null };
  const rest = conditionsOf(sql, filter, source.open);
  const limit = page.limit + 1;
  const scan = page.scan ?? (rest.length === 0 ? limit : Math.max(limit, mostScanned(filter, source)));
  // Each part ordered and limited by itself, so that Postgres merges them as far as it must, and sorts none. Limits stand in the text: a
  // plan made for any limit would be one for a large part of the table.
  const scanned = `SELECT * FROM (${source.parts.map((part) => `(${part} ORDER BY id DESC LIMIT ${scan})`).join(' UNION ALL ')}) u ORDER BY id DESC`;
  const { rows } = await client.query<{ ids: string[] | null; rest: string | null }>(
    `WITH ${[
      ...source.with,
      `found AS MATERIALIZED (
         SELECT s.id FROM (${scanned} LIMIT ${scan}) s ${source.isScattered && rest.length > 0 ? 'JOIN sluice.tasks t ON t.id = s.id' : ''}
          ${rest.length === 0 ? '' : `WHERE ${rest.join(' AND ')}`} ORDER BY s.id DESC LIMIT ${limit})`,
    ].join(', ')}
     SELECT (SELECT array_agg(id ORDER BY id DESC) FROM found) AS ids,
            CASE WHEN (SELECT count(*) FROM found) < ${limit}
                 THEN (SELECT s.id FROM (${scanned}) s ORDER BY id DESC OFFSET ${scan - 1} LIMIT 1) END AS rest`,
    sql.values,
  );
  const { ids, rest: lastScanned } = rows[0]!;
  const shown = (ids ?? []).slice(0, page.limit);
  return { ids: shown, next: (ids ?? []).length > page.limit ? shown.at(-1)! : lastScanned };
}

function mostScanned({ q }: TaskFilter, { isScattered }: Source): number {
  const most = isScattered ? MOST_SCATTERED : MOST_SCANNED;
  return q === undefined ? most : most * READ_PART;
}

/** Where the rows come from: newest first without sorting, or few. */
interface Source {
  readonly with: readonly string[];
  readonly parts: readonly string[];
  readonly isScattered: boolean;
  /** What of name and status is still to be looked for. */
  readonly open: Pick<TaskFilter, 'name' | 'status'>;
}

/** Ids alone, which the index has: what else a filter asks for is read of the rows that were found. */
const IDS = 'SELECT id FROM sluice.tasks WHERE';
const ROWS = 'SELECT id, status, queue, worker_id, tags, created_at, args, error FROM sluice.tasks WHERE';

/** @param names those there are, where only the status is known. @returns undefined when there can be none */
function sourceOf(
  sql: Sql,
  { name, status, parentId }: TaskFilter,
  names: readonly string[] | undefined,
  bounds: string,
): Source | undefined {
  if (parentId !== undefined)
    return {
      with: [],
      isScattered: true,
      parts: [`${IDS} parent_id = ${sql.value(parentId)} ${bounds}`],
      open: { ...(name === undefined ? {} : { name }), ...(status === undefined ? {} : { status }) },
    };
  const all = name === undefined ? names : [name];
  if (all === undefined)
    return {
      with: [],
      isScattered: false,
      parts: [`${ROWS} true ${bounds}`],
      open: status === undefined ? {} : { status },
    };
  const statuses = status ?? TASK_STATUSES;
  // A parameter that the text does not name would be one of which Postgres does not know the type.
  const places = name === undefined && statuses.every(isFew) ? [] : all.map((each) => sql.value(each));
  const ofName = name === undefined ? '' : `AND name = ${places[0]!}`;
  const parts = statuses.map((each) => partsOf(each, places, ofName, bounds));
  const rows = parts.flatMap((part) => part.rows);
  if (rows.length === 0) return undefined;
  return { with: parts.flatMap((part) => part.with), parts: rows, isScattered: true, open: {} };
}

function isFew(status: TaskStatus): boolean {
  return status === 'running' || status === 'cancelling';
}

/** Of queued and of ended tasks an index has the names, and of each its ids; of those that run there are few, which are sorted. */
function partsOf(
  status: TaskStatus,
  names: readonly string[],
  ofName: string,
  bounds: string,
): { readonly with: readonly string[]; readonly rows: readonly string[] } {
  if (isFew(status))
    return {
      // Planned by itself: a plan for the first few rows of all might read the whole table.
      with: [`${status} AS MATERIALIZED (${IDS} status = '${status}' ${ofName} ${bounds})`],
      rows: [`SELECT id FROM ${status}`],
    };
  return { with: [], rows: names.map((name) => `${IDS} name = ${name} AND status = '${status}' ${bounds}`) };
}

/** Ids between which all are that the filter can mean. */
function boundsOf(sql: Sql, { createdAfter, createdBefore }: TaskFilter, before: string | undefined): string {
  return [
    before === undefined ? '' : `AND id < ${sql.value(before)}::uuid`,
    createdAfter === undefined ? '' : `AND id >= ${sql.value(idAt(createdAfter, -ID_SLACK_MS, '0'))}::uuid`,
    createdBefore === undefined ? '' : `AND id <= ${sql.value(idAt(createdBefore, ID_SLACK_MS, 'f'))}::uuid`,
  ].join(' ');
}

function idAt(instant: string, slackMs: number, digit: '0' | 'f'): string {
  const ms = Math.max(0, Date.parse(instant) + slackMs);
  const hex = ms.toString(16).padStart(12, '0') + digit.repeat(20);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** What the rows have to be besides. */
function conditionsOf(sql: Sql, filter: TaskFilter, open: Source['open']): string[] {
  const { queue, worker, tag, createdAfter, createdBefore, q } = filter;
  const condition = (value: unknown, text: (parameter: string) => string): string[] =>
    value === undefined ? [] : [text(sql.value(value))];
  return [
    ...condition(open.name, (name) => `name = ${name}`),
    ...condition(open.status, (status) => `status = ANY(${status}::text[])`),
    ...condition(queue, (name) => `queue = ${name}`),
    ...condition(worker, (id) => `worker_id = ${id}::uuid`),
    ...condition(tag, (word) => `${word} = ANY(tags)`),
    ...condition(createdAfter, (instant) => `created_at >= ${instant}::timestamptz`),
    ...condition(createdBefore, (instant) => `created_at < ${instant}::timestamptz`),
    ...condition(
      q,
      (text) =>
        `(strpos(lower(args::text), lower(${text}::text)) > 0 OR strpos(lower(error ->> 'message'), lower(${text}::text)) > 0)`,
    ),
  ];
}

const ENDED = `status IN (${FINAL_STATUSES.map((status) => `'${status}'`).join(', ')})`;
const QUEUED = `status = 'queued'`;

/** Each name that the index of such tasks has, found by jumping from one to the next. */
const eachName = (name: string, which: string): string => `
  ${name} AS (
    (SELECT name FROM sluice.tasks WHERE ${which} ORDER BY name LIMIT 1)
    UNION ALL
    SELECT (SELECT t.name FROM sluice.tasks t WHERE t.${which} AND t.name > ${name}.name ORDER BY t.name LIMIT 1) FROM ${name} WHERE ${name}.name IS NOT NULL)`;

const NAMES = `
  WITH RECURSIVE ${eachName('ended', ENDED)}, ${eachName('queued', QUEUED)}
  SELECT DISTINCT name FROM (SELECT name FROM ended UNION ALL SELECT name FROM queued) n WHERE name IS NOT NULL LIMIT ${MOST_NAMES + 1}`;

/** The names to look through where the status alone is given; undefined where that is not so, or there are too many. */
async function namesOf(
  client: Queryable,
  { name, status, parentId }: TaskFilter,
): Promise<string[] | undefined> {
  if (name !== undefined || status === undefined || parentId !== undefined) return undefined;
  const { rows } = await client.query<{ name: string }>(NAMES);
  return rows.length > MOST_NAMES ? undefined : rows.map((row) => row.name);
}
