"""Runs the lessons that use MNIST or Fashion-MNIST with them, and keeps what they print.

    GRADUS_DATA=../data python3 tests/large_data.py          # all such lessons, both languages; minutes
    GRADUS_DATA=../data python3 tests/large_data.py --check  # do they still print what is kept, but for times?

Without GRADUS_DATA these lessons run on the small digits that come with the library, which is what is committed in the notebooks.
What they print with the large data is kept beside this file, in `large_data/`. A cell that fails, or data that are not there, end it
with status 1. `gradus data fetch fashion-mnist` downloads what is missing.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "tests" / "large_data"
USES = re.compile(r"Dataset::(fashion_)?mnist\(")


def code(notebook):
    cells = json.loads(notebook.read_text())["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def text(output):
    if output["output_type"] == "stream":
        # Progress overwrites itself: what stays of a line is what follows the last carriage return.
        lines = "".join(output["text"]).split("\n")
        return "\n".join(line.rsplit("\r", 1)[-1] for line in lines)
    return "".join(output.get("data", {}).get("text/plain", ""))


def timeless(text):
    return re.sub(r"\d+s \d+[mun]?s/step", "", text)


def printed(notebook):
    """The code and the outputs of the cells that load the data, and of those after them up to the next text."""
    cells = json.loads(notebook.read_text())["cells"]
    parts, follows = [], False
    for cell in cells:
        if cell["cell_type"] != "code":
            follows = False
            continue
        source = "".join(cell["source"])
        follows = follows or bool(USES.search(source))
        if follows:
            outputs = "\n".join(text(output).strip("\n") for output in cell["outputs"])
            parts.append(f"```rust\n{source}\n```\n\n```text\n{outputs}\n```\n")
    return "\n".join(parts)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--check", action="store_true", help="compare with what is kept, and write nothing")
    options.add_argument("--gradus", default=ROOT / "target/release/gradus", type=Path, help="the command to run")
    options = options.parse_args()
    data = os.environ.get("GRADUS_DATA", "")
    if not Path(data, "fashion-mnist").is_dir():
        sys.exit(f"large_data: no folder fashion-mnist in GRADUS_DATA ({data or 'not set'}); `gradus data fetch fashion-mnist`")
    if not options.gradus.exists():
        sys.exit(f"large_data: there is no {options.gradus}: cargo build --release, or --gradus PROGRAM")
    failed = False
    for language in ("es", "en"):
        lessons = sorted((ROOT / "notebooks" / language).glob("*.ipynb"))
        lessons = [one for one in lessons if any(USES.search("".join(c["source"])) for c in code(one))]
        with tempfile.TemporaryDirectory() as out:
            environment = {**os.environ, "GRADUS_LANG": language, "GRADUS_DATA": str(Path(data).resolve())}
            command = [options.gradus, "run", "--out", out, *lessons]
            failed |= subprocess.run(command, env=environment, check=False).returncode != 0
            for lesson in lessons:
                found = [*Path(out).rglob(lesson.name)]
                if not found:
                    continue
                kept = KEPT / language / f"{lesson.stem}.md"
                new = f"# {lesson.stem}\n\n{printed(found[0])}"
                if options.check and (not kept.exists() or timeless(kept.read_text()) != timeless(new)):
                    print(f"large_data: {lesson.stem} prints something else than {kept.relative_to(ROOT)}")
                    failed = True
                elif not options.check:
                    kept.parent.mkdir(parents=True, exist_ok=True)
                    kept.write_text(new)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
