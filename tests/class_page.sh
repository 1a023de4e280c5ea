#!/bin/sh
# The picture of the grader's class page in the README: a made-up class of twelve is marked, and its page photographed.
#
#     sh tests/class_page.sh            # builds the command where that is not done yet
#     GRADUS=… sh tests/class_page.sh   # with this program
#
# Writes tests/frontends/class.png. Needs Python 3, and Chromium (CHROMIUM names another than /usr/bin/chromium).
set -eu
cd "$(dirname "$0")/.."
chromium=${CHROMIUM:-/usr/bin/chromium}
[ -x "$chromium" ] || { echo "class_page: needs Chromium; CHROMIUM says where it is" >&2; exit 2; }
if [ -z "${GRADUS:-}" ]; then
    cargo build --release --locked
    GRADUS=$PWD/target/release/gradus
fi
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 tests/grading_class.py "$place/submissions" 12 --hostile 0
"$GRADUS" grade "$place/submissions" --lab lab2 --seed 1 --lang en --out "$place/grades"
"$chromium" --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$place/chromium" --window-size=1000,760 \
    --screenshot="$place/class.png" "file://$place/grades/lab2.html" 2> "$place/said" || { cat "$place/said" >&2; exit 1; }
[ -s "$place/class.png" ] || { cat "$place/said" >&2; exit 1; }
cp "$place/class.png" tests/frontends/class.png
