// An S3 on loopback, in a process of its own: fauxqs, which keeps all in memory.
import { startFauxqs } from 'fauxqs';

const server = await startFauxqs({ port: 0, logger: false, host: '127.0.0.1' });
server.createBucket('bench');
console.log(`listening on http://127.0.0.1:${server.port}"`);
