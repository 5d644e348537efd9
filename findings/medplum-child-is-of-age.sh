#!/usr/bin/env bash
# @medplum/core 5.2.13 (Node 22.23.5), on FHIRPath: a patient born in 2015 is 18 in 2026, now() - 1 hour is not before now(), and 5 g is less than 300 mg.
#
# Usual guess: an engine for FHIRPath computes with dates and quantities as the specification has it, or says that it does not. fhirpath 5.2.2 does the former.
# What happens: + and - are JavaScript's. A date and 18 years are the text 2015-06-0118, which is before 2026 letter by letter; a date less a quantity is NaN.
#   Quantities of other units are compared as numbers. The result has the type that was asked for, a Boolean, and nothing is raised.
# What it costs: rules such as `birthDate + 18 years <= today()` and limits of a dose, in questionnaires, subscriptions and decision support, say yes where they
#   should say no. Where the years have the right digits by chance, a test passes.
#
# Output seen:
#   birthDate + 18 years: medplum "2015-06-0118", fhirpath "2033-06-01"
#   birthDate + 18 years <= @2026-01-01: medplum true, fhirpath false
#   @2024-01-31 + 1 month: medplum "2024-01-311", fhirpath "2024-02-29"
#   now() - 1 hour < now(): medplum false, fhirpath true
#   5 'g' > 300 'mg': medplum false, fhirpath true
#   1 week = 7 days: medplum false, fhirpath true
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
case $(uname -m) in aarch64 | arm64) cpu=arm64 ;; *) cpu=x64 ;; esac
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund @medplum/core@5.2.13 fhirpath@5.2.2 "node-linux-$cpu@22.23.5"

cat >main.cjs <<'JS'
const { evalFhirPath } = require('@medplum/core');
const { evaluate } = require('fhirpath');
const r4 = require('fhirpath/fhir-context/r4');

const patient = { resourceType: 'Patient', birthDate: '2015-06-01' };
const EXPRESSIONS = [
  'birthDate + 18 years',
  'birthDate + 18 years <= @2026-01-01',
  '@2024-01-31 + 1 month',
  'now() - 1 hour < now()',
  "5 'g' > 300 'mg'",
  '1 week = 7 days',
];
for (const expression of EXPRESSIONS) {
  const [medplum] = evalFhirPath(expression, patient);
  const [fhirpath] = evaluate(patient, expression, null, r4);
  console.log(`${expression}: medplum ${JSON.stringify(medplum)}, fhirpath ${JSON.stringify(fhirpath)}`);
}
JS
"node_modules/node-linux-$cpu/bin/node" main.cjs | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
birthDate + 18 years: medplum "2015-06-0118", fhirpath "2033-06-01"
birthDate + 18 years <= @2026-01-01: medplum true, fhirpath false
@2024-01-31 + 1 month: medplum "2024-01-311", fhirpath "2024-02-29"
now() - 1 hour < now(): medplum false, fhirpath true
5 'g' > 300 'mg': medplum false, fhirpath true
1 week = 7 days: medplum false, fhirpath true
SEEN
