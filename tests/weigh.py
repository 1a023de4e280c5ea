"""What each wish costs from nothing: crates, seconds of processor time, seconds that pass.

    python3 tests/weigh.py                  # everything, each into an empty folder: half an hour on two cores
    python3 tests/weigh.py run lab1         # some of them

Downloads come first and do not count. `check` is what a student does in a fresh release.
"""

import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
GRADUS = ["cargo", "run", "--release", "--quiet", "--"]
# Name, the package whose crates count, in a release or not, what is run.
WISHES = {
    "run": ("gradus-cli", False, [["cargo", "build", "--release"]]),
    "library": ("gradus", False, [GRADUS + ["kernel", "warm"]]),
    "lab1": ("lab1", False, [["cargo", "test", "-p", "lab1"]]),
    "check": ("gradus-labs", True, [["cargo", "labs", "check", "lab1"]]),
    "analysis": ("gradus-analysis", False, [["cargo", "build", "--release", "-p", "gradus-analysis"]]),
}


def crates(package, dev):
    edges = "normal,build,dev" if dev else "normal,build"
    tree = subprocess.run(
        ["cargo", "tree", "--locked", "-e", edges, "--prefix", "none", "-p", package],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout
    return {re.sub(r" \(.*", "", line) for line in tree.splitlines() if line}


def weigh(name):
    package, in_release, commands = WISHES[name]
    with tempfile.TemporaryDirectory() as folder:
        # With a build of its own beside it, as somebody who has `gradus` has it, where only what follows counts.
        ready = ROOT / "target"
        env = dict(os.environ, GRADUS_CACHE=f"{folder}/cache")
        work = ROOT
        if in_release:
            work = pathlib.Path(folder, "release")
            subprocess.run(GRADUS + ["release", "--out", str(work)], cwd=ROOT, env=env, check=True)
        if name != "library":
            env["CARGO_TARGET_DIR"] = f"{folder}/target"
        elif not ready.is_dir():
            sys.exit("build gradus first: cargo build --release")
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
        for command in commands:
            # A fresh release has nothing solved, which is a failure for `check`.
            subprocess.run(command, cwd=work, env=env, check=not in_release, stdout=subprocess.DEVNULL)
        passed = time.time() - begin
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    count = crates(package, name == "lab1")
    if name == "check":
        count |= crates("lab1", True)
    print(f"| {name} | {len(count)} | {spent:.0f} | {passed:.0f} |", flush=True)


if __name__ == "__main__":
    if shutil.which("cargo") is None:
        sys.exit("cargo is not on the search path")
    subprocess.run(["cargo", "fetch", "--locked", "--quiet"], cwd=ROOT, check=True)
    print("| what | crates | processor s | s |\n|---|---:|---:|---:|", flush=True)
    for wish in sys.argv[1:] or WISHES:
        weigh(wish)
