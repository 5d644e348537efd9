#!/usr/bin/env bash
# typebox 1.4.3 and @sinclair/typebox 0.34.52: Value.Convert makes 3 of 3.99, as a number and as a text, where the schema says Integer, and the check after it passes.
#
# Usual guess: a conversion to Integer takes "3" for 3, and leaves 3.99 and "3.99" as they are, for the check to refuse. It does so with "12abc".
# What happens: Integer and BigInt cut the decimals off, of numbers too, which need no conversion. -0.5 is 0, true is 1, an id above 2^53 is its neighbour, in 1.4.3 null is
#   0, and in 0.34 "1e3" is 1. Value.Check, called afterwards as the documentation has it, sees a sound integer. Number keeps 3.99.
# What it costs: hours, quantities and amounts in the wrong unit (3.99 where 399 cents were meant) are cut at the door that was put there to refuse them, and a
#   missing value is a zero.
#
# Output seen (Convert, then Check, with Integer):
#   typebox 1.4.3: 3.99 3, "3.99" 3, "1e3" 1000, "-0.5" 0, "12abc" refused, "9007199254740993" 9007199254740992, true 1, null 0
#   @sinclair/typebox 0.34.52: 3.99 3, "3.99" 3, "1e3" 1, "-0.5" 0, "12abc" refused, "9007199254740993" 9007199254740992, true 1, null refused
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund typebox@1.4.3 @sinclair/typebox@0.34.52

cat >main.js <<'JS'
import { Type as OldType } from '@sinclair/typebox';
import { Value as OldValue } from '@sinclair/typebox/value';
import Type from 'typebox';
import { Value } from 'typebox/value';

const VALUES = [3.99, '3.99', '1e3', '-0.5', '12abc', '9007199254740993', true, null];
const LIBRARIES = {
  'typebox 1.4.3': [Value, Type.Integer()],
  '@sinclair/typebox 0.34.52': [OldValue, OldType.Integer()],
};
for (const [name, [{ Check, Convert }, schema]] of Object.entries(LIBRARIES)) {
  const read = (value) => {
    const made = Convert(schema, value);
    return Check(schema, made) ? made : 'refused';
  };
  console.log(`${name}: ${VALUES.map((value) => `${JSON.stringify(value)} ${read(value)}`).join(', ')}`);
}
JS
node main.js | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
typebox 1.4.3: 3.99 3, "3.99" 3, "1e3" 1000, "-0.5" 0, "12abc" refused, "9007199254740993" 9007199254740992, true 1, null 0
@sinclair/typebox 0.34.52: 3.99 3, "3.99" 3, "1e3" 1, "-0.5" 0, "12abc" refused, "9007199254740993" 9007199254740992, true 1, null refused
SEEN
