#!/bin/sh
# The exported site in a browser, as a reader uses it: by keys alone, on a phone, dark, on paper; what each page weighs.
#
#     sh tests/site.sh            # builds the command where that is not done yet
#     GRADUS=… sh tests/site.sh   # with this program
#
# Needs node with npm, and Chromium (CHROMIUM names another than /usr/bin/chromium); what else it needs it installs below target/site,
# where the site and its pictures are, too.
set -eu
cd "$(dirname "$0")/.."
for program in node npm; do
    command -v "$program" > /dev/null || { echo "site: needs $program" >&2; exit 2; }
done
[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || { echo "site: needs Chromium; CHROMIUM says where it is" >&2; exit 2; }
room=$PWD/target/site
mkdir -p "$room"
rm -rf "$room/pictures" "$room/pages"
mkdir "$room/pictures"
cp tests/frontends/package.json tests/frontends/site.mjs "$room"
(cd "$room" && [ -d node_modules/axe-core ] || npm install --silent --no-audit --no-fund)

if [ -z "${GRADUS:-}" ]; then
    cargo build --release --locked
    GRADUS=$PWD/target/release/gradus
fi
"$GRADUS" export --html "$room/pages" notebooks
(cd "$room" && node site.mjs "$room/pages" "$room/pictures")
echo "all of it works; pictures: $room/pictures"
