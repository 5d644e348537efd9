// The rival of enqueue.mjs: nothing but Fastify, pg, and one INSERT for each request; and raw BullMQ's addBulk behind a route.
import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import Fastify from 'fastify';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const queue = new Queue('bare', { connection: { url: process.env.REDIS_URL } });
const app = Fastify({ bodyLimit: 8 * 1024 * 1024 });
const text = `INSERT INTO sluice.tasks (id, name, args, queue) VALUES ($1, $2, $3, 'default') RETURNING *`;

app.post('/one', async ({ body: { name, args } }, reply) => {
  const { rows } = await pool.query({
    name: 'task',
    text,
    values: [randomUUID(), name, JSON.stringify(args)],
  });
  return reply.code(202).send(rows[0]);
});
app.post('/bulk', async ({ body: { tasks } }, reply) => {
  const jobs = await queue.addBulk(tasks.map(({ name, args }) => ({ name, data: args })));
  return reply.code(202).send({ data: jobs.map(({ id }) => ({ id })) });
});
process.once('SIGTERM', () => void app.close().then(() => Promise.all([pool.end(), queue.close()])));
console.log(`listening on ${await app.listen({ port: 0, host: '127.0.0.1' })}"`);
