#!/bin/sh
# The figures that compute, in a browser: every control once; and the cells that the playground writes, in the kernel.
#
#     sh tests/figures.sh            # pictures: target/figures
#     GRADUS=… sh tests/figures.sh   # and runs the cells with this program
#
# Needs cargo, node with npm and Chromium (CHROMIUM names another than /usr/bin/chromium); what else it needs it installs below
# target/figures.
set -eu
cd "$(dirname "$0")/.."
for program in node npm cargo; do
    command -v "$program" > /dev/null || { echo "figures: needs $program" >&2; exit 2; }
done
[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || { echo "figures: needs Chromium; CHROMIUM says where it is" >&2; exit 2; }
room=$PWD/target/figures
mkdir -p "$room/pages" "$room/pictures"
rm -f "$room"/pages/* "$room"/pictures/*
cp tests/frontends/package.json tests/frontends/figures.mjs "$room"
(cd "$room" && [ -d node_modules/playwright-core ] || npm install --silent --no-audit --no-fund)
GRADUS_FIGURES=$room/pages cargo test --release --locked -q -p gradus --test labs
(cd "$room" && node figures.mjs "$room/pages" "$room/pictures")

[ -n "${GRADUS:-}" ] || { echo "figures: GRADUS names no program, so the cells are not run"; exit 0; }
# Each cell trains what its page has trained: the cost on the validation data is the same.
node - "$PWD" "$room" << 'END'
const { readFileSync, writeFileSync } = require("fs");
const [root, room] = process.argv.slice(2);
const code = (source) => ({ cell_type: "code", id: "c" + source.length, metadata: {}, execution_count: null, outputs: [], source });
const cells = [0, 1].flatMap((i) => {
  const { cell, cost } = JSON.parse(readFileSync(`${room}/pictures/cell-${i}.json`, "utf8"));
  const check = `let seen = net.evaluate(&validation, CrossEntropy)?.loss;\nassert!((seen - ${cost}).abs() < 1e-4, "{seen} is not ${cost}");`;
  return [code(cell), code(check)];
});
const head = code(`:dep gradus = { path = "${root}/crates/core" }\nuse gradus::prelude::*;`);
writeFileSync(`${room}/cells.ipynb`, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec: { name: "gradus", display_name: "Rust (Gradus)", language: "rust" } }, cells: [head, ...cells] }));
END
"$GRADUS" run --out "$room/run" "$room/cells.ipynb"
echo "figures: the cells train what the pages have trained"
