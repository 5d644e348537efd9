// Runs in the network namespace of a host (hosts.ts): what is connected to a port of its loopback goes to the server behind the door, a
// socket in the file system, which namespaces share; and what comes to the host's own door goes to the port where its API listens.
import net from 'node:net';

const { doors, own } = JSON.parse(process.argv[2]);

const listening = [
  ...doors.map(({ port, door }) => relay({ port, host: '127.0.0.1' }, () => net.connect(door))),
  relay({ path: own.door }, () => net.connect(own.port, '127.0.0.1')),
];
await Promise.all(listening);
process.stdout.write('relay ready\n');

function relay(at, connect) {
  const server = net.createServer({ allowHalfOpen: true }, (near) => {
    const far = connect();
    for (const [one, other] of [
      [near, far],
      [far, near],
    ])
      one.on('error', () => other.destroy()).pipe(other);
  });
  return new Promise((resolve, reject) => server.once('error', reject).listen(at, resolve));
}
