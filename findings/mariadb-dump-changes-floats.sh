#!/usr/bin/env bash
# MariaDB 10.11.19 (Debian 12), with its own mariadb-dump, and mysql2 3.24.5: a table that is restored from its dump has other numbers in FLOAT columns.
#
# Usual guess: a dump brings back the same table. What a column holds is what the dump has.
# What happens: the server writes a FLOAT as text with six digits, where the column holds seven to nine: 16777215 is 16777200. A dump is made of such text, so is
#   an export by SELECT, and CHECKSUM TABLE finds the restored table another one. With mysql2, `query` gives the text and `execute`, whose protocol is
#   binary, the number: one row has two values. DOUBLE has all its digits.
# What it costs: counters, readings of meters and coordinates are rounded to six digits by the backup, the copy for tests, the move to another server, and
#   nobody compares. Rounded to tens among millions, they still look right.
#
# Needs Debian 12 and its package lists (apt-get update). Output seen:
#   in the table: 16777215 1234567.875 59.91273880004883
#   restored: 16777200 1234570 59.91270065307617
#   the same checksum: false
#   mysql2 query: 16777200 1234570 59.9127
#   mysql2 execute: 16777215 1234567.875 59.91273880004883
set -euo pipefail
grep -q 'VERSION_ID="12"' /etc/os-release || { echo 'This needs Debian 12.' >&2; exit 2; }
folder=$(mktemp -d)
chmod 755 "$folder"
server=
trap '[ -z "$server" ] || { kill "$server"; wait "$server" || true; }; rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund mysql2@3.24.5
apt-get download -qq mariadb-server-core mariadb-server mariadb-client-core mariadb-client libmariadb3 libaio1 libnuma1 liburing2 libpcre2-8-0 2>/dev/null
for package in *.deb; do dpkg -x "$package" .; done
libraries=$(echo "$folder"/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH=$libraries
usr/bin/mariadb-install-db --no-defaults --user="$(id -un)" --basedir="$folder/usr" --datadir="$folder/data" --auth-root-authentication-method=normal \
  --skip-test-db >install.log 2>&1
usr/sbin/mariadbd --no-defaults --user="$(id -un)" --basedir="$folder/usr" --datadir="$folder/data" --socket="$folder/socket" --skip-networking \
  >server.log 2>&1 &
server=$!
client=(--no-defaults --socket="$folder/socket" --user=root)
for _ in $(seq 100); do
  usr/bin/mariadb-admin "${client[@]}" ping >/dev/null 2>&1 && break
  sleep 0.2
done
usr/bin/mariadb "${client[@]}" -e '
  CREATE DATABASE d; CREATE DATABASE restored;
  CREATE TABLE d.t (counter FLOAT, amount FLOAT, latitude FLOAT);
  INSERT INTO d.t VALUES (16777215, 1234567.875, 59.9127388)'
usr/bin/mariadb-dump "${client[@]}" d >dump.sql
usr/bin/mariadb "${client[@]}" restored <dump.sql

cat >main.js <<'JS'
import { createConnection } from 'mysql2/promise';

const connection = await createConnection({ socketPath: `${process.cwd()}/socket`, user: 'root' });
const values = ([rows]) => Object.values(rows[0]).join(' ');
for (const [name, schema] of [['in the table', 'd'], ['restored', 'restored']])
  console.log(`${name}: ${values(await connection.query(`SELECT counter + 0e0, amount + 0e0, latitude + 0e0 FROM ${schema}.t`))}`);
const [sums] = await connection.query('CHECKSUM TABLE d.t, restored.t');
console.log(`the same checksum: ${sums[0].Checksum === sums[1].Checksum}`);
console.log(`mysql2 query: ${values(await connection.query('SELECT * FROM d.t'))}`);
console.log(`mysql2 execute: ${values(await connection.execute('SELECT * FROM d.t'))}`);
await connection.end();
JS
node main.js | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
in the table: 16777215 1234567.875 59.91273880004883
restored: 16777200 1234570 59.91270065307617
the same checksum: false
mysql2 query: 16777200 1234570 59.9127
mysql2 execute: 16777215 1234567.875 59.91273880004883
SEEN
