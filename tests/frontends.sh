#!/bin/sh
# The course in real front ends: `gradus notebook` with an empty home, JupyterLab in a browser, and Jupyter's own tools.
#
#     sh tests/frontends.sh            # builds the command where that is not done yet
#     GRADUS=… sh tests/frontends.sh   # with this program
#
# Needs node with npm, Python 3.10 or newer with venv, and Chromium (CHROMIUM names another than /usr/bin/chromium); what else it
# needs it installs below target/frontends, where its pictures are, too, and in gradus-frontends of the user's cache.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
for program in node npm python3; do
    command -v "$program" > /dev/null || { echo "frontends: needs $program" >&2; exit 2; }
done
[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || { echo "frontends: needs Chromium; CHROMIUM says where it is" >&2; exit 2; }
room=$root/target/frontends
mkdir -p "$room/pictures"
rm -f "$room"/pictures/*.png
cp tests/frontends/* "$room"
(cd "$room" && [ -d node_modules/playwright-core ] || npm install --silent --no-audit --no-fund)

if [ -z "${GRADUS:-}" ]; then
    cargo build --release --locked
    GRADUS=$root/target/release/gradus
fi

# Nobody is here to predict what a lesson asks for: its results show.
export GRADUS_PREDICTIONS=open
# Not below the workspace, where cells may not be compiled.
export GRADUS_CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/gradus-frontends"
# A copy, since JupyterLab saves what one does in it; always in the same place, so that the library is built once.
course=$GRADUS_CACHE/course
rm -rf "$course" "$GRADUS_CACHE/jupyter/config" "$GRADUS_CACHE/jupyter/data"
mkdir -p "$course/home"
cp -a Cargo.toml Cargo.lock crates labs notebooks tests "$course"
server=
trap '[ -z "$server" ] || kill "$server" 2> /dev/null; [ -z "$server" ] || wait "$server" || true; rm -rf "$course"' EXIT
# A JupyterLab that this machine has may lack the front end's part of live controls; the course's own has it.
widgets=$(grep '^jupyterlab_widgets' crates/cli/src/notebook/requirements.txt)
[ -d "$room/$widgets" ] || python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$room/$widgets" "$widgets"
mkdir -p "$GRADUS_CACHE/jupyter/share/jupyter"
cp -a "$room/$widgets/share/jupyter/labextensions" "$GRADUS_CACHE/jupyter/share/jupyter"
cd "$course"
export RUSTUP_HOME="${RUSTUP_HOME:-$HOME/.rustup}" CARGO_HOME="${CARGO_HOME:-$HOME/.cargo}"
: > server.txt
begin=$(date +%s)
HOME=$course/home "$GRADUS" notebook --no-browser --lang en > server.txt 2>&1 &
server=$!
until address=$(grep -m 1 -o 'http://127[^ ]*' server.txt); do
    kill -0 "$server" 2> /dev/null || { cat server.txt >&2; exit 1; }
    sleep 0.2
done
echo "JupyterLab answers after $(($(date +%s) - begin)) s: ${address%%\?*}"
until grep -q 'Ctrl-C' server.txt; do
    kill -0 "$server" 2> /dev/null || { cat server.txt >&2; exit 1; }
    sleep 0.5
done
echo "the library is ready after $(($(date +%s) - begin)) s"
(cd "$room" && node lab.mjs "$address" "$room/pictures")
(cd "$room" && node live.mjs "$address" "$room/pictures" "$course" live.ipynb)

# Everything ends with it, and nothing is left in the home.
kill -INT "$server"
wait "$server"
server=
left=$(find home -mindepth 1 | head -5)
[ -z "$left" ] || { echo "frontends: written into the home: $left" >&2; exit 1; }
! pgrep -f "$GRADUS_CACHE/jupyter/.*kernel" > /dev/null || { echo "frontends: a kernel is left" >&2; exit 1; }

# The same kernel through Jupyter's own tools.
tools=$room/tools
[ -x "$tools/bin/papermill" ] || {
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check nbclient nbconvert papermill
}
export JUPYTER_PATH="$GRADUS_CACHE/jupyter/share/jupyter" HOME="$course/home"
lesson=$course/notebooks/en/02-gradient-descent.ipynb
(cd "$course/notebooks/en" && "$tools/bin/jupyter" execute --kernel_name=gradus "$lesson" > /dev/null)
echo "nbclient runs a lesson"
(cd "$course/notebooks/en" && "$tools/bin/jupyter" nbconvert --to notebook --execute --ExecutePreprocessor.kernel_name=gradus \
    --output "$course/converted.ipynb" "$lesson" 2> /dev/null)
echo "nbconvert --execute runs a lesson"
(cd "$course/notebooks/en" && "$tools/bin/papermill" --kernel gradus --no-progress-bar "$lesson" "$course/milled.ipynb" 2> /dev/null)
echo "papermill runs a lesson"
echo "all of it works; pictures: $room/pictures"
