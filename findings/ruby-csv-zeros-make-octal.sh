#!/usr/bin/env bash
# Ruby 3.1.2 with csv 3.2.2 (Debian 12): with `converters: :numeric` the postal code 01234 is 668, and 007, 08, 010 are 7, 8.0 and 8.
#
# Usual guess: a converter for numbers in CSV reads decimals. A zero in front is lost, 010 is 10, or the cell stays a text.
# What happens: a cell goes through Integer(), which reads the notation of Ruby's source: a zero in front is octal, 0x1A is 26, 0b11 is 3, 1_000 is 1000. What
#   has an 8 or a 9 in it is no octal number, and becomes a decimal by Float(). :integer and :all do the same.
# What it costs: 010 and 08 become the same number 8, and 011 and 09 the same 9: two shops, accounts or months are one. Codes without zeros in front, in most
#   rows, are right.
#
# Needs Debian 12 and its package lists (apt-get update). Output seen:
#   :numeric: 01234 is 668, 90210 is 90210, 007 is 7, 08 is 8.0, 010 is 8, 09 is 9.0, 011 is 9, 0x1A is 26, 1_000 is 1000
#   equal: 08 and 010 true, 09 and 011 true
set -euo pipefail
grep -q 'VERSION_ID="12"' /etc/os-release || { echo 'This needs Debian 12.' >&2; exit 2; }
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq ruby3.1 libruby3.1 libyaml-0-2 2>/dev/null
for package in *.deb; do dpkg -x "$package" .; done
libraries=$(echo "$folder"/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH=$libraries RUBYLIB=$folder/usr/lib/ruby/3.1.0:$libraries/ruby/3.1.0

cat >main.rb <<'RUBY'
require 'csv'

abort "csv #{CSV::VERSION}" unless CSV::VERSION == '3.2.2'
cells = %w[01234 90210 007 08 010 09 011 0x1A 1_000]
read = cells.zip(CSV.parse(cells.join(','), converters: :numeric)[0]).to_h
puts ":numeric: #{read.map { |text, value| "#{text} is #{value}" }.join(', ')}"
puts "equal: 08 and 010 #{read['08'] == read['010']}, 09 and 011 #{read['09'] == read['011']}"
RUBY
usr/bin/ruby3.1 --disable-gems main.rb | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
:numeric: 01234 is 668, 90210 is 90210, 007 is 7, 08 is 8.0, 010 is 8, 09 is 9.0, 011 is 9, 0x1A is 26, 1_000 is 1000
equal: 08 and 010 true, 09 and 011 true
SEEN
