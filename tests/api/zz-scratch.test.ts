import { it } from 'vitest';
import { once } from 'node:events';
import { listeningApi, openSocket, rawRequest, upload } from '../support/uploads.ts';
import { Readable } from 'node:stream';
const MIB = 1024 * 1024;
it('x', async () => {
  const api = await listeningApi();
  const socket = (await openSocket(api)).pause();
  socket.on('error', (e) => console.log(e.code)); socket.on('close', () => console.log('close'));
  socket.write(rawRequest(api, { 'content-type': 'text/csv', authorization: 'Bearer no', connection: 'close', 'content-length': String(50 * MIB) }));
  let i = 0;
  const t = setInterval(() => console.log(i, socket.bytesWritten, socket.writableLength, socket.bytesRead, socket.readableFlowing, socket.readableLength), 500);
  function* g() { for (; i < 50; i++) yield Buffer.alloc(MIB, 97); }
  for await (const p of Readable.from(g(), { objectMode: false })) if (!socket.write(p)) await once(socket, 'drain');
  console.log('all');
  socket.on('data', (d) => console.log(String(d)));
  socket.resume();
  await new Promise((r) => setTimeout(r, 2000));
  clearInterval(t);
  api.app.server.closeAllConnections();
  await api.close();
}, 5000);
