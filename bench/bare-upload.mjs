// The rival of upload.mjs: nothing but Node's HTTP server, and a pipe to disk. As Sluice does, it writes blocks of 1 MiB and
// syncs file and folder before it answers.
import { createWriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

const folder = process.env.BARE_FOLDER;
let files = 0;

async function syncFolder() {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}

async function receive(request, response) {
  const file = path.join(folder, `${++files}.csv`);
  await pipeline(request, createWriteStream(file, { highWaterMark: 1024 * 1024, flush: true }));
  await syncFolder();
  response.writeHead(202).end();
}

const server = createServer((request, response) => void receive(request, response));
await mkdir(folder, { recursive: true });
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}"`));
process.once('SIGTERM', () => server.close());
