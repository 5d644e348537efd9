// Sends one GET after the other on each of N kept connections for a while, and counts the answers.
// Speaks to the sockets itself: an HTTP client costs more than the servers measured here.
//   node poll-client.mjs URL CONNECTIONS MS STATUS [HEADER: VALUE]…      prints answers per second
import { once } from 'node:events';
import { connect } from 'node:net';

const [address, connections, ms, status, ...headers] = process.argv.slice(2);
const url = new URL(address);
const request = `GET ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`;
const expected = `HTTP/1.1 ${status} `;
let answers = 0;
let until = Infinity;

async function poll() {
  const socket = connect(Number(url.port), url.hostname).setNoDelay(true).setEncoding('latin1');
  await once(socket, 'connect');
  let text = '';
  socket.write(request);
  for await (const part of socket) {
    text += part;
    const head = text.indexOf('\r\n\r\n');
    if (head < 0) continue;
    if (!text.startsWith(expected)) throw new Error(`Not ${status}: ${text}`);
    const length =
      status === '304' ? 0 : Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, head + 2))?.[1] ?? 0);
    if (text.length < head + 4 + length) continue;
    text = '';
    answers++;
    if (performance.now() >= until) break;
    socket.write(request);
  }
  socket.destroy();
}

const began = performance.now();
until = began + Number(ms);
await Promise.all(Array.from({ length: Number(connections) }, poll));
console.log(Math.round((answers / (performance.now() - began)) * 1000));
