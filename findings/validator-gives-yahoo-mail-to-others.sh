#!/usr/bin/env bash
# validator 13.15.35, and express-validator by it: normalizeEmail makes the address of another person of one at Yahoo with a hyphen.
#
# Usual guess: a normalized address reaches the same mailbox. For Gmail, whose dots and +tags mean nothing, it does.
# What happens: for yahoo.com, ymail.com and others what stands from the last hyphen on is cut off, as a +tag would be. But Yahoo's disposable addresses are
#   basename-keyword, and the basename is a name that was chosen for them, not that of the account: mail to the basename goes to whoever has that as
#   their account, or nowhere.
# What it costs: mary-shop@yahoo.com and mary-bank@yahoo.com become one user, mary@yahoo.com, who may be a third; receipts and links to set a new password go there.
#
# Output seen:
#   mary-shop@yahoo.com is mary@yahoo.com
#   mary-bank@yahoo.com is mary@yahoo.com
#   first-last@ymail.com is first@ymail.com
#   mary-shop@example.com is mary-shop@example.com
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund validator@13.15.35

cat >main.cjs <<'JS'
const validator = require('validator');
for (const each of ['mary-shop@yahoo.com', 'mary-bank@yahoo.com', 'first-last@ymail.com', 'mary-shop@example.com'])
  console.log(`${each} is ${validator.normalizeEmail(each)}`);
JS
node main.cjs | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
mary-shop@yahoo.com is mary@yahoo.com
mary-bank@yahoo.com is mary@yahoo.com
first-last@ymail.com is first@ymail.com
mary-shop@example.com is mary-shop@example.com
SEEN
