#!/bin/sh
# The jobs that `gradus grade emit` writes hold against the published schemas of Kubernetes and of GitHub's workflows.
#
#     cargo build --release -p gradus-labs
#     pip install check-jsonschema kubernetes-validate
#     sh tests/grading_jobs.sh [target/release/gradus-labs]
set -eu
cd "$(dirname "$0")/.."
labs=${1:-target/release/gradus-labs}
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
python3 tests/grading_class.py "$here/class" 10
"$labs" grade plan "$here/class" --lab lab2 --shards 8 --out "$here/plan"
for engine in slurm kubernetes actions; do
    "$labs" grade emit "$engine" "$here/plan" >"$here/$engine.yaml"
done
sh -n "$here/slurm.yaml"
kubernetes-validate --strict "$here/kubernetes.yaml"
check-jsonschema --builtin-schema vendor.github-workflows "$here/actions.yaml"
