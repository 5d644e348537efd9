// The rival of polls.mjs: nothing but Fastify, pg, and one select by primary key. `/prepared/` names the statement.
import Fastify from 'fastify';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const app = Fastify();
const text = 'SELECT * FROM sluice.tasks WHERE id = $1';

app.get('/plain/:id', async (request) => (await pool.query(text, [request.params.id])).rows[0]);
app.get(
  '/prepared/:id',
  async (request) => (await pool.query({ name: 'task', text, values: [request.params.id] })).rows[0],
);
process.once('SIGTERM', () => void app.close().then(() => pool.end()));
console.log(`listening on ${await app.listen({ port: 0, host: '127.0.0.1' })}"`);
