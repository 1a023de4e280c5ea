#!/bin/sh
# Does the archive of `gradus bundle` do what it promises? On a machine with Rust and a linker, with an empty home and no network:
#
#     sh tests/bundle.sh gradus.tar.gz
#
# It is unpacked into a temporary folder; `unshare` (of util-linux) makes a place without network.
set -eu
if [ $# -ne 1 ] || [ ! -f "$1" ]; then
    echo "usage: sh tests/bundle.sh ARCHIVE.tar.gz; \`gradus bundle --out ARCHIVE.tar.gz\` makes one" >&2
    exit 2
fi
rust=$(rustc --print sysroot)/bin
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir "$place/home" "$place/un packed"
tar -xzf "$1" -C "$place/un packed"
course=$(echo "$place/un packed/"*)

# Only what is named here reaches the commands.
alone() {
    (cd "$course" && unshare --map-root-user --net env -i "HOME=$place/home" "PATH=$rust:/usr/bin:/bin" LANG=C.UTF-8 "$@")
}
say() {
    now=$(date +%s.%N)
    printf '%6.1f s  %s\n' "$(echo "$now - $begin" | bc)" "$1"
    begin=$now
}
fail() {
    echo "$1" >&2
    exit 1
}

begin=$(date +%s.%N)
# The library's first lesson that trains: its first cell links what came along.
lesson=$(cd "$course" && ls -d notebooks/e[sn]/02-*.ipynb | head -1)
alone bin/gradus run "$lesson" --out out >"$place/run.txt" 2>&1 || { cat "$place/run.txt"; fail "$lesson fails"; }
say "gradus run $lesson, the first cells of an empty cache"
if grep -q "building libraries" "$place/run.txt"; then
    cat "$place/run.txt"
    fail "the library was built, though it came along"
fi
[ ! -d "$place/home/.cache/gradus" ] || ! find "$place/home/.cache/gradus" -path '*kits/target*' | grep -q . ||
    fail "cargo built something for the cells"
alone bin/gradus run "$lesson" --out out >"$place/run.txt" 2>&1
say "the same again"

status=0
alone cargo test --quiet -p lab1 >"$place/lab.txt" 2>&1 || status=$?
[ $status -eq 101 ] && grep -qE "0 ?/ ?100" "$place/lab.txt" || { cat "$place/lab.txt"; fail "lab1 is not graded"; }
say "cargo test -p lab1, nothing solved, nothing built before"
alone bin/gradus check lab1 >"$place/lab.txt" 2>&1 || true
grep -qE "0 ?/ ?100" "$place/lab.txt" || { cat "$place/lab.txt"; fail "gradus check does not grade"; }
say "gradus check lab1"

alone bin/gradus kernel install >"$place/kernel.txt" || { cat "$place/kernel.txt"; fail "kernel install fails"; }
alone bin/gradus kernel list | grep -q "$course/bin/gradus" || fail "the kernel is not where it should be"
say "gradus kernel install"
alone bin/gradus doctor || fail "the doctor finds something"
