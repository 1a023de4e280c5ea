#!/usr/bin/env bash
# The engine's `unsafe` under valgrind: threads, matrix products, Winograd's tiles, and the fused operations as a whole.
# Valgrind has no AVX-512: what runs is the way of older processors. PROPTEST_CASES says how many random cases of each.
set -euo pipefail
cd "$(dirname "$0")/../../.."
export PROPTEST_CASES=${PROPTEST_CASES:-2} GRADUS_THREADS=2

# What `cargo test` of these parts would run.
built=$(cargo test --release -p gradus --lib --test fused --no-run 2>&1) || { echo "$built" >&2; exit 1; }
program() { sed -n "s|.*Executable.*$1.*(\(.*\))|\1|p" <<<"$built"; }
check() { valgrind --error-exitcode=1 --leak-check=no --fair-sched=yes "$@"; }

check "$(program src/lib.rs)" kernels:: engine::winograd
check "$(program fused.rs)" --test-threads=1
