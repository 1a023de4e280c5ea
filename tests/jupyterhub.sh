#!/bin/sh
# A class on a JupyterHub of its own: one kernel and one built library, which nobody may write, and a lesson for each student at once.
#
#     gradus bundle --out gradus.tar.gz --lang en
#     sh tests/jupyterhub.sh gradus.tar.gz          # three students
#     sh tests/jupyterhub.sh gradus.tar.gz 8        # more
#
# JupyterHub and its proxy come from PyPI and npm, into target/jupyterhub; everything else lies in a temporary folder and on loopback,
# and is gone in the end. Needs Linux, Rust of the archive's version, node with npm, Python 3.10 or newer with venv; no root. The
# students are Hub users and one user of the system (SimpleLocalProcessSpawner), so it is no test of who may read whose files.
# LESSON names another lesson than 02. Every step is checked; what crates/kernel/SCHOOL.md says about memory and time is printed here.
set -eu
if [ $# -lt 1 ] || [ ! -f "$1" ]; then
    echo "usage: sh tests/jupyterhub.sh ARCHIVE.tar.gz [STUDENTS]; \`gradus bundle --out ARCHIVE.tar.gz\` makes one" >&2
    exit 2
fi
archive=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
students=${2:-3}
cd "$(dirname "$0")/.."
for program in node npm python3 rustc; do
    command -v "$program" > /dev/null || { echo "jupyterhub: needs $program" >&2; exit 2; }
done
room=$PWD/target/jupyterhub
mkdir -p "$room"
[ -x "$room/tools/bin/jupyterhub" ] || {
    python3 -m venv "$room/tools"
    "$room/tools/bin/pip" install --quiet --disable-pip-version-check 'jupyterhub>=5' jupyterlab
}
[ -x "$room/node_modules/.bin/configurable-http-proxy" ] ||
    npm install --prefix "$room" --silent --no-audit --no-fund configurable-http-proxy
rust=$(rustc --print sysroot)/bin
node=$(dirname "$(command -v node)")
files=$PWD/tests/jupyterhub

place=$(mktemp -d)
hub=
end() {
    if [ -n "$hub" ]; then
        kill "$hub" 2> /dev/null || true
        wait "$hub" || true
        hub=
    fi
}
trap 'end; chmod -R u+w "$place"; rm -rf "$place"' EXIT
trap 'exit 130' INT TERM

# What the administrator does once: the course, read-only, and the kernel for all.
mkdir "$place/unpacked" "$place/home"
tar -xzf "$archive" -C "$place/unpacked"
mv "$place/unpacked/"* "$place/shared"
"$place/shared/bin/gradus" kernel install --prefix "$place/system" > /dev/null
chmod -R a-w "$place/shared"

# What stands in each student's folder: notebooks and labs to work in, and links to what is large.
for number in $(seq "$students"); do
    folder=$place/home/student$number/course
    mkdir -p "$folder"
    for part in $(ls -A "$place/shared"); do
        case $part in
            bin | prebuilt | vendor) ln -s "$place/shared/$part" "$folder/$part" ;;
            *) cp -R "$place/shared/$part" "$folder/" ;;
        esac
    done
    chmod -R u+w "$folder"
done
echo "each student's folder: $(du -sk "$place/home/student1/course" | cut -f 1) KiB; the shared one: $(du -sk "$place/shared" | cut -f 1) KiB"
touch "$place/begin"

env -i HOME="$place/home" PATH="$room/tools/bin:$room/node_modules/.bin:$node:$rust:/usr/bin:/bin" LANG=C.UTF-8 \
    PLACE="$place" STUDENTS="$students" PYTHONDONTWRITEBYTECODE=1 \
    "$room/tools/bin/python" "$files/class.py" "$files/config.py" "${LESSON:-02}" &
hub=$!
status=0
wait "$hub" || status=$?
hub=
[ $status -eq 0 ] || { tail -40 "$place/hub.log" >&2 2> /dev/null || true; exit $status; }

changed=$(find "$place/shared" -newer "$place/begin" | head -5)
[ -z "$changed" ] || { echo "jupyterhub: written into the shared folder: $changed" >&2; exit 1; }
built=$(find "$place/home" -path '*/kits/target' | head -5)
[ -z "$built" ] || { echo "jupyterhub: the library was built, though it came along: $built" >&2; exit 1; }
echo "each student's cache: $(du -sk "$place/home/student1/.cache" | cut -f 1) KiB"
left=$(pgrep -f "$place" || true)
[ -z "$left" ] || { echo "jupyterhub: processes are left: $left" >&2; exit 1; }
echo "all of it works"
