#!/usr/bin/env bash
# Compiles, without linking, what README.md says compiles on each system, from any Linux with Rust's own sources
# (`rustup component add rust-src`). A first run takes two to four minutes of processor time for each system.
#
#     tests/check_platforms.sh [TARGET...]
#
# GRADUS_PLATFORMS names another folder than target/platforms.
set -euo pipefail
cd "$(dirname "$0")/.."
# The standard library of each target is compiled from its sources, which stable Rust does not offer without this.
export RUSTC_BOOTSTRAP=1
export CARGO_TARGET_DIR=${GRADUS_PLATFORMS:-target/platforms}

labs=(-p gradus -p gradus-lessons -p gradus-text -p gradus-machine -p gradus-exercise -p gradus-grader -p gradus-labs
    -p lab1 -p lab2)
all=("${labs[@]}" -p gradus-kernel -p gradus-analysis -p gradus-cli)

# Nothing is linked, so C code, of which there is some in `ring`, needs no compiler for the other system.
stand_in=$(mktemp)
trap 'rm -f "$stand_in"' EXIT
cat > "$stand_in" <<'END'
#!/bin/sh
while [ $# -gt 0 ]; do
    [ "$1" = -o ] && : > "$2"
    shift
done
END
chmod +x "$stand_in"

check() {
    local target=$1 name=${1//-/_}
    shift
    echo "== $target"
    env "CC_$name=$stand_in" "AR_$name=true" cargo check -Z build-std --locked --target "$target" \
        -Z warnings --config 'build.warnings="deny"' "$@"
}

[ $# -gt 0 ] || set -- aarch64-unknown-linux-gnu x86_64-unknown-linux-musl aarch64-apple-darwin x86_64-apple-darwin \
    x86_64-pc-windows-msvc
for target in "$@"; do
    case $target in
    *-musl) RUSTFLAGS="-C target-feature=-crt-static" check "$target" "${all[@]}" ;;
    *-windows-*)
        check "$target" "${labs[@]}"
        # The kernel says in one line that it does not work here.
        if said=$(check "$target" -p gradus-kernel 2>&1); then
            echo "the kernel compiles for $target, where it cannot work" >&2
            exit 1
        fi
        grep -m 1 "on Windows use WSL" <<< "$said"
        ;;
    *) check "$target" "${all[@]}" ;;
    esac
done
