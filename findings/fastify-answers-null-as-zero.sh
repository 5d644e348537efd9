#!/usr/bin/env bash
# Fastify 5.12.8 (fast-json-stringify 7.3.10): behind a response schema, a NULL of Postgres is 0, and 'false' of Redis is true.
#
# Usual guess: a value that is not of the schema's type is an error, or is read as Fastify reads a request: there "false" is false, and what is
#   no integer is refused.
# What happens: null becomes 0, "" or false, after the type. A text under boolean is true when it has letters at all: 'false', 'f', '0'. A text
#   under integer goes through a double: the bigint that pg gives as text, to keep its digits, loses them. '12.9' is 12. Only a text that
#   is no number, and a schema with several types, is an error.
# What it costs: an amount that nobody entered is 0 for whoever sums up, an order in a hash of Redis is paid, an id is another's. TypeScript
#   does not see it, since rows of a database have the type that the program says.
#
# Output seen:
#   handler: {"amount":null,"name":null,"paid":"false","id":"9007199254740993","count":"12.9"}
#   answer: {"amount":0,"name":"","paid":true,"id":9007199254740992,"count":12}
#   request ?paid=false: false, ?count=12.9: 400
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund fastify@5.12.8 fast-json-stringify@7.3.10

cat >main.js <<'JS'
import Fastify from 'fastify';

const ROW = { amount: null, name: null, paid: 'false', id: '9007199254740993', count: '12.9' };
const integer = { type: 'integer' };
const properties = { amount: integer, name: { type: 'string' }, paid: { type: 'boolean' }, id: integer, count: integer };
const app = Fastify();
app.get('/row', { schema: { response: { 200: { type: 'object', properties } } } }, () => ROW);
app.get('/asked', { schema: { querystring: { type: 'object', properties } } }, ({ query }) => JSON.stringify(query.paid));

const { body } = await app.inject('/row');
const paid = (await app.inject('/asked?paid=false')).body;
const { statusCode } = await app.inject('/asked?count=12.9');
console.log(`handler: ${JSON.stringify(ROW)}\nanswer: ${body}\nrequest ?paid=false: ${paid}, ?count=12.9: ${statusCode}`);
if (body !== '{"amount":0,"name":"","paid":true,"id":9007199254740992,"count":12}' || paid !== 'false' || statusCode !== 400) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
