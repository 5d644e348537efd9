// The rival of records.mjs: nothing but Fastify, pg, and the SQL of a record by its id and of a page. `/prepared/` names the statement.
import Fastify from 'fastify';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const app = Fastify();
const columns = process.env.BENCH_COLUMNS;
const one = `SELECT ${columns} FROM members WHERE id = $1`;
const page = `SELECT ${columns} FROM members WHERE id > $1 ORDER BY id LIMIT 101`;

const list = ({ rows }) => ({ data: rows.slice(0, 100), nextCursor: rows[99].id });
app.get('/plain/one/:id', async ({ params }) => (await pool.query(one, [params.id])).rows[0]);
app.get('/plain/list/:after', async ({ params }) => list(await pool.query(page, [params.after])));
app.get(
  '/prepared/one/:id',
  async ({ params }) => (await pool.query({ name: 'one', text: one, values: [params.id] })).rows[0],
);
app.get('/prepared/list/:after', async ({ params }) =>
  list(await pool.query({ name: 'page', text: page, values: [params.after] })),
);
process.once('SIGTERM', () => void app.close().then(() => pool.end()));
console.log(`listening on ${await app.listen({ port: 0, host: '127.0.0.1' })}"`);
