// A process of its own with DuckDB in it: reads a file with types, checks it in SQL, and writes the good records where it is told to.
import { DuckDBInstance } from '@duckdb/node-api';

const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
const text = (value) => `'${value.replaceAll("'", "''")}'`;

async function load({ file, to, fields }) {
  const columns = fields.map(({ name, type }) => `${name}: ${text(type)}`).join(', ');
  const checks = fields.flatMap(({ checks: some }) => some).join(' AND ') || 'true';
  await connection.run(`COPY (
      SELECT * FROM read_csv(${text(file)}, header = true, delim = ',', quote = '"', escape = '"', columns = {${columns}},
        store_rejects = true)
      WHERE ${checks}) TO ${text(to)} (FORMAT csv, HEADER false)`);
  await connection.run('DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans');
}

process.on('message', (order) => {
  load(order).then(
    () => process.send({}),
    (error) => process.send({ error: error.message }),
  );
});
process.send({ ready: true });
