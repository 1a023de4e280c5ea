#!/bin/sh
# The README's first hour, literally: from a fresh clone, with an empty home and an empty target folder, to a class that is graded.
#
#     sh tests/newcomer.sh                # everything; the network, for crates and JupyterLab
#     GRADUS=… sh tests/newcomer.sh       # with this program: does not build it, and tries the rest
#
# What is committed is tried. Each step prints the seconds it took and says what it saw; the first that is not as it should be ends
# the script with 1, its name, and the last lines that it said. Needs git, Rust with a linker, Python 3.10 or newer with venv.
set -eu
cd "$(dirname "$0")/.."
for program in git cargo cc python3 bc; do
    command -v "$program" > /dev/null || { echo "newcomer: needs $program" >&2; exit 2; }
done
repository=$PWD
rust=$(rustc --print sysroot)/bin
place=$(mktemp -d)
clone=$place/gradus
class=$place/class
server=
end() {
    if [ -n "$server" ]; then
        kill -INT "$server" 2> /dev/null || true
        wait "$server" || true
        server=
    fi
}
trap 'end; rm -rf "$place"' EXIT
trap 'exit 130' INT TERM
mkdir "$place/home" "$place/said"

# Only what is named here reaches the commands: a home without anything, Rust, and what the system has.
fresh() {
    env -i HOME="$place/home" PATH="$rust:/usr/local/bin:/usr/bin:/bin" LANG=C.UTF-8 TERM=dumb "$@"
}
# As the README writes it, or with the program that is there.
if [ -n "${GRADUS:-}" ]; then
    GRADUS=$(cd "$(dirname "$GRADUS")" && pwd)/$(basename "$GRADUS")
    gradus() { fresh "$GRADUS" "$@"; }
    labs() { fresh "$GRADUS" "$@"; }
else
    gradus() { fresh cargo run --quiet --release --manifest-path "$clone/Cargo.toml" -- "$@"; }
    labs() { fresh cargo labs "$@"; }
fi

seconds() { date +%s.%N; }
first=$(seconds)
# step NAME WHAT COMMAND…: what it says goes into a file.
step() {
    name=$1 what=$2
    shift 2
    begin=$(seconds)
    status=0
    "$@" > "$place/said/$name" 2>&1 < /dev/null || status=$?
    [ $status -eq 0 ] || fail "exit status $status"
    printf '%7.1f s  %s\n' "$(echo "$(seconds) - $begin" | bc)" "$what"
}
fail() {
    echo "newcomer: $name: $1" >&2
    tail -30 "$place/said/$name" >&2
    exit 1
}
says() {
    grep -qE "$1" "$place/said/$name" || fail "does not say: $1"
}

step clone "git clone" git clone --quiet "$repository" "$clone"
cd "$clone"
[ ! -e target ] || fail "the clone brings a target folder"
if [ -n "${GRADUS:-}" ]; then
    echo "         -  cargo build --release: left out, $GRADUS is used"
else
    step build "cargo build --release: the command, and the library for notebooks" fresh cargo build --quiet --release --locked
fi

step run "gradus run, one lesson" gradus run notebooks/en/02-gradient-descent.ipynb
says '02-gradient-descent'
# The library is there: its first cell takes seconds. With another program than the clone's it may have to be built.
[ -n "${GRADUS:-}" ] || says 'cell 1/[0-9]+ ok [0-9]\.[0-9] s'
[ -n "$(find target/notebooks -name '02-gradient-descent.ipynb' -size +0)" ] ||
    fail "the executed lesson is not in target/notebooks"

# The server's own process, so that it can be ended; a function would be a shell's.
name=notebook
begin=$(seconds)
: > "$place/said/notebook"
program=${GRADUS:-$clone/target/release/gradus}
env -i HOME="$place/home" PATH="$rust:/usr/local/bin:/usr/bin:/bin" LANG=C.UTF-8 TERM=dumb \
    "$program" notebook --no-browser --lang en > "$place/said/notebook" 2>&1 < /dev/null &
server=$!
until address=$(grep -m 1 -o 'http://127[^ ]*' "$place/said/notebook"); do
    kill -0 "$server" 2> /dev/null || { server=; fail "it has ended"; }
    sleep 0.2
done
printf '%7.1f s  %s\n' "$(echo "$(seconds) - $begin" | bc)" "gradus notebook --no-browser: JupyterLab answers, its installation included"
python=$(find "$place/home/.cache/gradus/jupyter" -path '*/bin/python3' | head -1)
if [ -z "$python" ]; then
    # The machine's own JupyterLab is used.
    python=$(head -1 "$(PATH=/usr/local/bin:/usr/bin:/bin command -v jupyter-lab)" | sed 's/^#!//')
fi
step lesson-08 "lesson 08 opened there, its first figure" fresh "$python" tests/jupyter_server.py "$address" 08
says 'first figure'
end
left=$(pgrep -f "$place/home/.cache" || true)
[ -z "$left" ] || fail "processes are left: $left"

# What an instructor hands out, and a student in it.
step release "gradus release" gradus release --out "$class" --lang en
exercise=labs/lab1/src/exercises/e1_sigmoid.rs
name=release
! grep -rq "BEGIN SOLUTION" "$class/labs" "$class/notebooks" || fail "the release has solutions"
cd "$class"
unsolved() {
    found=0
    labs check lab1.1 || found=$?
    [ $found -eq 1 ]
}
step unsolved "check lab1.1 in the student's folder, as it came: not solved" unsolved
says 'lab1\.1'
step solve "lab1.1 solved by its reference" cp "$clone/$exercise" "$exercise"
step solved "check lab1.1: solved" labs check lab1.1
says 'lab1\.1'

cd "$clone"
step samples "three samples of submissions" fresh python3 tests/grading_class.py "$place/submissions" 3
step grade "gradus grade, three submissions to lab2" gradus grade "$place/submissions" --lab lab2 --lang en --out "$place/grades"
step grades "gradus grades --csv" gradus grades --from "$place/grades" --csv
[ "$(tail -n +2 "$place/said/grades" | wc -l)" -eq 3 ] || fail "not three students"
says '100'
[ -s "$place/grades/lab2.html" ] || fail "the class has no page"
[ "$(find "$place/grades/feedback/lab2" -name '*.html' | wc -l)" -eq 3 ] || fail "not three pages for students"

student=$(tail -1 "$place/said/grades" | cut -d, -f1)
step forget "gradus grades forget, one of them" gradus grades forget "$student" --yes --from "$place/grades"
says 'removed'
step left "gradus grades --csv" gradus grades --from "$place/grades" --csv
[ "$(tail -n +2 "$place/said/left" | wc -l)" -eq 2 ] || fail "not two students"
! grep -qrF "$student" "$place/grades" || fail "$student is still named in the grades"

step export "gradus export --html" gradus export --html "$place/site" notebooks
[ -s "$place/site/index.html" ] || fail "the site has no cover"
pages=$(find "$place/site" -name '*.html' | wc -l)
lessons=$(find notebooks/en notebooks/es -name '*.ipynb' | wc -l)
[ "$pages" -gt "$lessons" ] || fail "$pages pages for $lessons lessons"
printf '%7.1f s  %s\n' "$(echo "$(seconds) - $first" | bc)" "all of it"
