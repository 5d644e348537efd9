#!/usr/bin/env bash
# @medplum/core 5.2.13, hl7-standard 1.0.4 and simple-hl7 3.3.0: in HL7 v2 "Smith & Sons" is read as "Smith \T\ Sons", and a text with | in it moves the fields behind it.
#
# Usual guess: a library for HL7 v2 reads the escape sequences of a field (\T\ is &, \F\ is |, \S\ is ^; HL7 v2.5, 2.7), and writes them.
# What happens: these three cut at the delimiters and do no more. What comes in keeps \T\ and \F\; a text that is set goes out as it is, so that what stands
#   behind its | is the next field. node-hl7-client 4.0.0, hl7parser 1.0.1 and tiny-hl7 1.0.7 read them.
# What it costs: names and results are stored with backslashes and do not match; "5 | 6" in a comment moves status, units or date of birth into
#   other fields at the receiver. Nobody writes | in a test.
#
# Output seen (PID-5 "Smith \T\ Sons^Jo"; then set to "Smith|Sons", with PID-7 19800101):
#   medplum: reads Smith \T\ Sons, writes PID|1||123||Smith|Sons||19800101, PID-7 of that is empty
#   hl7-standard: reads Smith \T\ Sons, writes PID|1||123||Smith|Sons||19800101, PID-7 of that is empty
#   simple-hl7: reads Smith \T\ Sons, writes PID|1||123||Smith|Sons||19800101, PID-7 of that is empty
#   hl7parser: reads Smith & Sons, writes PID|1||123||Smith\F\Sons||19800101, PID-7 of that is 19800101
#   node-hl7-client: reads Smith & Sons
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
case $(uname -m) in aarch64 | arm64) cpu=arm64 ;; *) cpu=x64 ;; esac
echo '{ "private": true }' >package.json
npm install --silent --legacy-peer-deps --no-audit --no-fund @medplum/core@5.2.13 hl7-standard@1.0.4 simple-hl7@3.3.0 hl7parser@1.0.1 node-hl7-client@4.0.0 \
  "node-linux-$cpu@22.23.5"

cat >main.cjs <<'JS'
const { Hl7Message } = require('@medplum/core');
const Standard = require('hl7-standard');
const { create } = require('hl7parser');
const { Message } = require('node-hl7-client');
const simple = require('simple-hl7');

const TEXT = 'MSH|^~\\&|A|B|C|D|20240131||ADT^A01|1|P|2.5\rPID|1||123||Smith \\T\\ Sons^Jo||19800101';
const NAME = 'Smith|Sons';
const LIBRARIES = {
  medplum: () => {
    const message = Hl7Message.parse(TEXT);
    const read = message.getSegment('PID').getComponent(5, 1);
    message.getSegment('PID').setField(5, NAME);
    return [read, message.toString()];
  },
  'hl7-standard': () => {
    const message = new Standard(TEXT);
    message.transform();
    const read = message.get('PID.5.1');
    message.set('PID.5', NAME);
    return [read, message.build()];
  },
  'simple-hl7': () => {
    const message = new simple.Parser().parse(TEXT);
    const read = message.getSegment('PID').getComponent(5, 1);
    message.getSegment('PID').setField(5, NAME);
    return [read, message.toString()];
  },
  hl7parser: () => {
    const message = create(TEXT);
    const read = message.get('PID.5.1').toString();
    message.set('PID.5', NAME);
    return [read, message.toString()];
  },
  'node-hl7-client': () => [new Message({ text: TEXT }).get('PID.5.1').toString()],
};
for (const [name, run] of Object.entries(LIBRARIES)) {
  const [read, text] = run();
  const segment = text?.split(/[\r\n]+/).find((line) => line.startsWith('PID'))?.replace(/\|$/, '');
  console.log(`${name}: reads ${read}${segment ? `, writes ${segment}, PID-7 of that is ${segment.split('|')[7] || 'empty'}` : ''}`);
}
JS
"node_modules/node-linux-$cpu/bin/node" main.cjs | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
medplum: reads Smith \T\ Sons, writes PID|1||123||Smith|Sons||19800101, PID-7 of that is empty
hl7-standard: reads Smith \T\ Sons, writes PID|1||123||Smith|Sons||19800101, PID-7 of that is empty
simple-hl7: reads Smith \T\ Sons, writes PID|1||123||Smith|Sons||19800101, PID-7 of that is empty
hl7parser: reads Smith & Sons, writes PID|1||123||Smith\F\Sons||19800101, PID-7 of that is 19800101
node-hl7-client: reads Smith & Sons
SEEN
