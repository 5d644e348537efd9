#!/usr/bin/env bash
# protobufjs 8.8.1: fromObject makes PAID of the status "CANCELLED" that its schema does not know yet, -1294967296 of 3000000000, and true of "false".
#
# Usual guess: the conversion of JSON to a message, which "accepts enum values by name", refuses a name that is not there, as the JSON mapping of protobuf
#   does, and a number that an int32 cannot hold.
# What happens: an unknown name is left out, so that the field has the first value of the enum, 0. Numbers are cut to 32 bits by `| 0`, also those with
#   decimals, and any text that is not empty is true. verify() accepts 3000000000 for an int32; it refuses "OPEN", which is right for fromObject, so that it cannot be
#   called before. @bufbuild/protobuf 2.17.0 raises an error for each of the last four.
# What it costs: the sender gets a new state, the receiver with the older schema stores the first one: orders that were cancelled are paid. Amounts in cents above 21
#   million and a half become negative.
#
# Output seen:
#   {"status":"OPEN"}: verify "status: enum value expected", protobufjs OPEN, @bufbuild/protobuf OPEN
#   {"status":"CANCELLED"}: verify "status: enum value expected", protobufjs PAID, @bufbuild/protobuf error
#   {"cents":3000000000}: verify null, protobufjs -1294967296, @bufbuild/protobuf error
#   {"cents":3.9}: verify "cents: integer expected", protobufjs 3, @bufbuild/protobuf error
#   {"isTest":"false"}: verify "isTest: boolean expected", protobufjs true, @bufbuild/protobuf error
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund protobufjs@8.8.1 @bufbuild/protobuf@2.17.0

cat >main.js <<'JS'
import { create, createFileRegistry, fromJson, toBinary, toJson } from '@bufbuild/protobuf';
import { FieldDescriptorProto_Label, FieldDescriptorProto_Type, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import protobuf from 'protobufjs';

const PROTO = `syntax = "proto3";
enum Status { PAID = 0; OPEN = 1; }
message Order { Status status = 1; int32 cents = 2; bool isTest = 3; }`;
const Order = protobuf.parse(PROTO, { keepCase: true }).root.lookupType('Order');

// The same schema for the other library, as a descriptor.
const { ENUM, INT32, BOOL } = FieldDescriptorProto_Type;
const field = (name, number, type, typeName) => ({ name, jsonName: name, number, type, typeName, label: FieldDescriptorProto_Label.OPTIONAL });
const set = create(FileDescriptorSetSchema, {
  file: [
    {
      name: 'order.proto',
      syntax: 'proto3',
      enumType: [{ name: 'Status', value: [{ name: 'PAID', number: 0 }, { name: 'OPEN', number: 1 }] }],
      messageType: [
        { name: 'Order', field: [field('status', 1, ENUM, '.Status'), field('cents', 2, INT32), field('isTest', 3, BOOL)] },
      ],
    },
  ],
});
const schema = createFileRegistry(set).getMessage('Order');

for (const order of [{ status: 'OPEN' }, { status: 'CANCELLED' }, { cents: 3000000000 }, { cents: 3.9 }, { isTest: 'false' }]) {
  const [key] = Object.keys(order);
  const bytes = Order.encode(Order.fromObject(order)).finish();
  const read = Order.toObject(Order.decode(bytes), { enums: String, defaults: true })[key];
  let other = 'error';
  try {
    const message = fromJson(schema, order);
    if (toBinary(schema, message)) other = toJson(schema, message)[key];
  } catch {}
  console.log(`${JSON.stringify(order)}: verify ${JSON.stringify(Order.verify(order))}, protobufjs ${read}, @bufbuild/protobuf ${other}`);
}
JS
node main.js | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
{"status":"OPEN"}: verify "status: enum value expected", protobufjs OPEN, @bufbuild/protobuf OPEN
{"status":"CANCELLED"}: verify "status: enum value expected", protobufjs PAID, @bufbuild/protobuf error
{"cents":3000000000}: verify null, protobufjs -1294967296, @bufbuild/protobuf error
{"cents":3.9}: verify "cents: integer expected", protobufjs 3, @bufbuild/protobuf error
{"isTest":"false"}: verify "isTest: boolean expected", protobufjs true, @bufbuild/protobuf error
SEEN
