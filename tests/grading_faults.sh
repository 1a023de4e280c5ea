#!/bin/sh
# What goes wrong around a grader costs no mark: a full disk, folders that cannot be written, no compiler, a clock that jumps back.
#
#     apt-get install faketime
#     cargo build --release -p gradus-labs
#     sh tests/grading_faults.sh [target/release/gradus-labs]        # as root, since it mounts small file systems
set -eu
cd "$(dirname "$0")/.."
labs=$(realpath "${1:-target/release/gradus-labs}")
command -v faketime >/dev/null || {
    echo "there is no faketime: apt-get install faketime" >&2
    exit 2
}
here=$(mktemp -d)
disk="$here/disk"
mkdir "$disk"
end() {
    umount "$disk" 2>/dev/null || true
    rm -rf "$here"
}
trap end EXIT
trap 'exit 130' INT TERM
mount -t tmpfs -o size=2m,mode=755 none "$disk"

grade() {
    "$labs" grade "$here/class" --lab lab2 --seed 5 --out "$disk/grades" >"$here/said" 2>&1
}
table() {
    "$labs" grades --csv --from "$disk/grades"
}
# It must fail, say this, and leave the marks as they were.
fails() {
    what=$1
    words=$2
    shift 2
    if "$@"; then
        echo "$what: it does not fail" >&2
        exit 1
    fi
    grep -q -e "$words" "$here/said" || {
        echo "$what: it does not say '$words':" >&2
        cat "$here/said" >&2
        exit 1
    }
    echo "$what: $(grep -e "$words" "$here/said" | head -n 1)"
}
same() {
    table >"$here/now.csv"
    cmp "$here/before.csv" "$here/now.csv"
}

python3 tests/grading_class.py "$here/class" 3 --hostile 0
grade
table >"$here/before.csv"
first=$(ls "$here/class" | head -n 1)

# A fourth student comes, and the disk is full.
cp -r "$here/class/$first" "$here/class/Zz 4"
dd if=/dev/zero of="$disk/filler" bs=64k 2>/dev/null || true
fails "full disk" "full\|No space left\|see that there is room" grade
same
rm "$disk/filler"

mount -o remount,ro "$disk"
fails "read-only folder" "readonly\|read-only\|Read-only" grade
same
mount -o remount,rw "$disk"

fails "no compiler" "needs the Rust toolchain" env RUSTC=/nowhere/rustc CARGO=/nowhere/cargo sh -c "
    '$labs' grade '$here/class' --lab lab2 --seed 5 --out '$disk/grades' >'$here/said' 2>&1"
same

# A year back: what has a mark keeps it, and the fourth student gets one.
for tool in rustc cargo; do
    # They would wait for ever under faketime.
    printf '#!/bin/sh\nunset LD_PRELOAD RUSTC CARGO\nexec %s "$@"\n' "$tool" >"$here/$tool"
    chmod +x "$here/$tool"
done
RUSTC="$here/rustc" CARGO="$here/cargo" faketime --exclude-monotonic -f -1y "$labs" grade "$here/class" --lab lab2 --seed 5 --out "$disk/grades" >"$here/said" 2>&1
table >"$here/now.csv"
grep -v '^Zz 4,' "$here/now.csv" | cmp "$here/before.csv" -
[ "$(wc -l <"$here/now.csv")" = 5 ]
grade
table | cmp "$here/now.csv" -
echo "a clock that jumps back: 3 marks stay, the fourth comes, and nothing is marked again"

cp "$disk/grades/gradebook.sqlite" "$here/whole"
dd if=/dev/urandom of="$disk/grades/gradebook.sqlite" bs=1k seek=2 count=12 conv=notrunc 2>/dev/null
cp "$disk/grades/gradebook.sqlite" "$here/damaged"
fails "damaged gradebook" "damaged\|malformed" grade
cmp "$here/damaged" "$disk/grades/gradebook.sqlite"
cp "$here/whole" "$disk/grades/gradebook.sqlite"
table | cmp "$here/now.csv" -
