import { startPostgres } from '../../dist/embedded/postgres.js';
import { startRedis } from '../../dist/embedded/redis.js';

const [server, dataDir, toolsDir] = process.argv.slice(2);
const log = { info: () => undefined, debug: () => undefined };
const start = {
  postgres: () => startPostgres({ dataDir, log }),
  redis: () => startRedis({ dataDir, toolsDir, persistent: true, log }),
}[server];
const { pid, url } = await start();
process.stdout.write(`running ${pid} ${url}\n`);
