#!/usr/bin/env bash
# iso20022.js 0.0.15: of a bank statement (CAMT.053) it reads 1100 yen as 110000, a reversal as none, and 0012345678 as 12345678; a payment of 1100 yen is written as 11.
#
# Usual guess: it gives amounts in the minor unit of their currency: cents for euros, yen for yen, thousandths for dinars of Kuwait. What the bank takes back
#   (RvslInd is true) is marked, and an account number is its digits.
# What happens: each currency has two decimals: 1100 JPY is 110000 and 1.005 KWD is 100.5 of something, while euros come with the rounding of a double, 19.99 as
#   1998.9999999999998. RvslInd is compared with the text 'true' where the XML parser gave a boolean, so that `reversal` is always false. Numbers of
#   accounts lose their zeros in front. The SWIFT payment (pain.001) that it writes has a hundredth of the yen.
# What it costs: payments and balances in yen, won or Chilean pesos are off by a hundred, both ways; a credit that was taken back counts as income; an
#   integer column refuses 1998.9999999999998, and a program that cuts it has a cent less.
#
# Output seen:
#   1100 JPY: 110000, 1.005 KWD: 100.49999999999999, 19.99 EUR: 1998.9999999999998, 1.50 EUR: 150
#   reversal of the last one: false, account 0012345678: "12345678"
#   a payment of 1100 JPY: <InstdAmt Ccy="JPY">11
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund iso20022.js@0.0.15

cat >main.js <<'JS'
import { CashManagementEndOfDayReport, ISO20022 } from 'iso20022.js';

const entry = ([amount, currency, reversal = 'false']) =>
  `<Ntry><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><RvslInd>${reversal}</RvslInd><Sts>BOOK</Sts>
  <BookgDt><Dt>2024-01-31</Dt></BookgDt><BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd>
  <NtryDtls><TxDtls><Refs><MsgId>M</MsgId></Refs></TxDtls></NtryDtls></Ntry>`;
const ENTRIES = [['1100', 'JPY'], ['1.005', 'KWD'], ['19.99', 'EUR'], ['1.50', 'EUR', 'true']];
const report = CashManagementEndOfDayReport.fromXML(`<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
<GrpHdr><MsgId>M</MsgId><CreDtTm>2024-01-31T10:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S</Id><ElctrncSeqNb>1</ElctrncSeqNb><CreDtTm>2024-01-31T10:00:00</CreDtTm>
<Acct><Id><Othr><Id>0012345678</Id></Othr></Id><Svcr><FinInstnId><BIC>DEUTDEFF</BIC></FinInstnId></Svcr></Acct>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2024-01-31</Dt></Dt></Bal>
${ENTRIES.map(entry).join('\n')}</Stmt></BkToCstmrStmt></Document>`);
const [{ account, entries }] = report.statements;
console.log(entries.map(({ amount, currency }, index) => `${ENTRIES[index][0]} ${currency}: ${amount}`).join(', '));
console.log(`reversal of the last one: ${entries[3].reversal}, account 0012345678: ${JSON.stringify(account.accountNumber)}`);

const agent = (country) => ({ bic: 'DEUTDEFF', bankAddress: { country } });
const iso = new ISO20022({ initiatingParty: { name: 'A', id: 'A', account: { accountNumber: '1' }, agent: agent('DE') } });
const payment = iso.createSWIFTCreditPaymentInitiation([
  {
    type: 'swift',
    direction: 'credit',
    amount: 1100,
    currency: 'JPY',
    creditor: {
      name: 'B',
      account: { accountNumber: '2' },
      agent: agent('JP'),
      address: { streetName: 'S', buildingNumber: '1', townName: 'T', postalCode: '1', country: 'JP' },
    },
  },
]);
console.log(`a payment of 1100 JPY: ${payment.toString().match(/<InstdAmt[^/]*(?=<)/)[0]}`);
JS
node main.js | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
1100 JPY: 110000, 1.005 KWD: 100.49999999999999, 19.99 EUR: 1998.9999999999998, 1.50 EUR: 150
reversal of the last one: false, account 0012345678: "12345678"
a payment of 1100 JPY: <InstdAmt Ccy="JPY">11
SEEN
