#!/usr/bin/env bash
# opencsv 5.2 (Debian 12): what its CSVWriter wrote its CSVReader reads otherwise: C:\temp\new is C:tempnew, and two folders become one cell.
#
# Usual guess: the reader and the writer of one library, both with their defaults, fit together. A backslash is a character as any other (RFC 4180).
# What happens: the writer doubles quotes and leaves backslashes alone, which is sound CSV. The reader takes a backslash for an escape: it is dropped, and "C:\in\" does
#   not end there, so that two cells become one and the row is a cell short. (With one such cell in the file there is an error.) RFC4180Parser is right.
# What it costs: Windows paths, UNC names, regular expressions and \N in text columns are changed by a round trip, and behind two folders all values of
#   the row move under the heading to the left.
#
# Needs Debian 12, its package lists (apt-get update) and Java 11 or later. Output seen:
#   written: "C:\temp\new","C:\in\","C:\out\","5","\N"
#   CSVReader: 4 cells: [C:tempnew] [C:in",C:out"] [5] [N]
#   with RFC4180Parser: 5 cells: [C:\temp\new] [C:\in\] [C:\out\] [5] [\N]
set -euo pipefail
grep -q 'VERSION_ID="12"' /etc/os-release || { echo 'This needs Debian 12.' >&2; exit 2; }
command -v java >/dev/null || { echo "This needs Java, such as Debian's package default-jre-headless." >&2; exit 2; }
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq libopencsv-java=5.2-1 libcommons-lang3-java libcommons-text-java libcommons-beanutils-java libcommons-collections4-java libbsh-java 2>/dev/null
for package in *.deb; do dpkg -x "$package" .; done

cat >main.bsh <<'BSH'
import com.opencsv.*;

String show(CSVReader reader) {
  String[] row = reader.readNext();
  String text = row.length + " cells:";
  for (String cell : row) text += " [" + cell + "]";
  return text;
}
StringWriter file = new StringWriter();
CSVWriter writer = new CSVWriter(file);
writer.writeNext(new String[] { "C:\\temp\\new", "C:\\in\\", "C:\\out\\", "5", "\\N" });
writer.close();
print("written: " + file.toString().trim());
print("CSVReader: " + show(new CSVReader(new StringReader(file.toString()))));
rfc = new CSVReaderBuilder(new StringReader(file.toString())).withCSVParser(new RFC4180ParserBuilder().build()).build();
print("with RFC4180Parser: " + show(rfc));
BSH
java -cp "$(echo usr/share/java/*.jar | tr ' ' ':')" bsh.Interpreter main.bsh | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
written: "C:\temp\new","C:\in\","C:\out\","5","\N"
CSVReader: 4 cells: [C:tempnew] [C:in",C:out"] [5] [N]
with RFC4180Parser: 5 cells: [C:\temp\new] [C:\in\] [C:\out\] [5] [\N]
SEEN
