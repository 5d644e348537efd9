// Stands for dist/cli/main.js where a test is about the supervisor, not about the API and the worker.
// STAND_IN_API: "closed" knows no key. STAND_IN_WORKER: "crashes" ends at once; "deaf" does not react to SIGTERM.
import { createServer } from 'node:http';

const [command] = process.argv.slice(2);
if (process.send !== undefined) {
  process.once('disconnect', () => process.exit(0));
  // It may have broken before anybody listened.
  if (!process.connected) process.exit(0);
}
if (command === 'api') {
  const key = `Bearer ${process.env.SLUICE_ADMIN_KEY}`;
  const server = createServer((request, response) => {
    const opens = request.headers.authorization === key && process.env.STAND_IN_API !== 'closed';
    response.statusCode = request.url === '/readyz' || opens ? 200 : 401;
    response.end();
  });
  server.listen(Number(process.env.PORT), '127.0.0.1');
  process.stdout.write(`api ${process.pid}\n`);
}
if (command === 'worker') {
  process.stdout.write(`worker ${process.pid}\n`);
  if (process.env.STAND_IN_WORKER === 'crashes') process.exit(3);
  if (process.env.STAND_IN_WORKER === 'deaf') {
    process.on('SIGTERM', () => process.stdout.write('worker heard\n'));
    process.stdout.write('worker listens\n');
  }
  setInterval(() => undefined, 1000);
}
