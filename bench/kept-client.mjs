// Sends one request after the other on each of N kept connections for a while, and counts the answers.
// Speaks to the sockets itself: an HTTP client costs more than the servers measured here.
// Of several URLs, with blanks between them and on the same host, each connection asks for another.
//   node kept-client.mjs URL CONNECTIONS MS METHOD STATUS BODY [HEADER: VALUE]…      prints answers per second
// An empty BODY is none; any other is JSON.
import { once } from 'node:events';
import { connect } from 'node:net';

const [address, connections, ms, method, status, body, ...headers] = process.argv.slice(2);
const urls = address.split(' ').map((each) => new URL(each));
const [url] = urls;
const content =
  body === '' ? [] : ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`];
const lines = [`host: ${url.host}`, ...content, ...headers];
const requestOf = ({ pathname, search }) =>
  `${method} ${pathname}${search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
const expected = `HTTP/1.1 ${status} `;
let answers = 0;
let until = Infinity;

async function ask(_, at) {
  const request = requestOf(urls[at % urls.length]);
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
await Promise.all(Array.from({ length: Number(connections) }, ask));
console.log(Math.round((answers / (performance.now() - began)) * 1000));
