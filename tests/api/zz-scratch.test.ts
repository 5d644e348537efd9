import { it } from 'vitest';
import { once } from 'node:events';
import { listeningApi, openSocket, rawRequest, upload } from '../support/uploads.ts';
import { Readable } from 'node:stream';
const MIB = 1024 * 1024;
it('x', async () => {
  const api = await listeningApi();
  api.app.server.on('request', (req, res) => { const t = setInterval(() => console.log('srv', req.complete, req.readableFlowing, req.socket?.bytesRead, req.socket?.isPaused(), req.socket?.readableFlowing, res.writableFinished), 300); req.on('end', () => {clearInterval(t); console.log('END')}); setTimeout(() => clearInterval(t), 1500); });
  const socket = (await openSocket(api)).pause();
  socket.write(rawRequest(api, { 'content-type': 'text/csv', authorization: 'Bearer no', connection: 'close', 'content-length': String(50 * MIB) }));
  for (let i = 0; i < 50; i++) if (!socket.write(Buffer.alloc(MIB, 97))) { const ok = await Promise.race([once(socket, 'drain').then(() => 1), new Promise((r) => setTimeout(r, 2000, 0))]); if (!ok) { console.log('stuck', i); break; } }
  socket.destroy();
  let sent = 0;
  const t0 = Date.now();
  function* g() { yield Buffer.from('name,note\n'); for (; sent < 300; sent++) yield Buffer.from('x,y\n'.repeat(MIB / 4)); }
  const t = setInterval(() => console.log(sent), 500);
  const a = await Promise.race([upload(api, { query: '?dataset=people', body: Readable.from(g(), { objectMode: false }) }), new Promise<void>((r) => setTimeout(r, 6000))]);
  clearInterval(t);
  console.log(a && a.status, Date.now() - t0, sent);
  api.app.server.closeAllConnections();
  await api.close();
}, 20000);
