// The outbox: what webhooks are to be told of tasks that end, written by the statement that ends them.

/**
 * SQL of a part of WITH. Each statement that may end tasks has it, so that there is a delivery if and only if the end was committed. Without
 * an enabled webhook it costs one look into a small table, however many tasks the statement ends.
 * @param moved the part of WITH that has moved the tasks, with `id`, `name`, `queue`, `status` (also those that are not final), `finished_at`, `error` and `result`
 */
export function tellEnded(moved: string): string {
  return `told AS (${insertTold(moved)})`;
}

/** The same without its name. */
export function insertTold(moved: string): string {
  return `
    INSERT INTO sluice.webhook_deliveries (id, webhook_id, event_id, type, payload)
    SELECT sluice.uuid_v7(), d.webhook_id, d.event_id, d.type, d.payload
      FROM ${moved} m, LATERAL sluice.deliveries_of(m.id, m.name, m.queue, m.status, m.finished_at, m.error, m.result) d
     WHERE (SELECT EXISTS (SELECT FROM sluice.webhooks WHERE enabled))`;
}
