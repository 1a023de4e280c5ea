"""What each wish costs from nothing: crates, seconds of processor time, seconds that pass.

    python3 tests/weigh.py                  # everything, each into an empty folder: half an hour on two cores
    python3 tests/weigh.py run lab1         # some of them
    python3 tests/weigh.py figure [REPORT]  # what the command's build spends its time on, as tests/weigh.svg; from a
                                            # report of `cargo build --timings`, or from a build

Downloads come first and do not count. `run` is the command with the library for cells, `alone` the command without it, `cell` what
the first cell then waits for. `lab1` and `check` are what a student does in a fresh release.
"""

import html
import json
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
ALONE = ["--no-default-features", "--features", "class"]
# Name, what `cargo tree` is asked for the crates that count, in a release or not, what is run.
WISHES = {
    "run": (["-p", "gradus-cli"], False, [["cargo", "build", "--release"]]),
    "alone": (["-p", "gradus-cli"] + ALONE, False, [["cargo", "build", "--release"] + ALONE]),
    "cell": (["-p", "gradus"], False, [GRADUS + ["kernel", "warm"]]),
    "lab1": (["-p", "lab1"], True, [["cargo", "test", "-p", "lab1"]]),
    "check": (["-p", "gradus-labs", "-p", "lab1"], True, [["cargo", "labs", "check", "lab1"]]),
    "analysis": (["-p", "gradus-analysis"], False, [["cargo", "build", "--release", "-p", "gradus-analysis"]]),
}


def crates(packages, work):
    # The tests of a lab need what only tests do.
    kinds = "normal,build,dev" if "lab1" in packages else "normal,build"
    tree = subprocess.run(
        ["cargo", "tree", "-e", kinds, "--prefix", "none"] + packages, cwd=work, capture_output=True, text=True, check=True,
    ).stdout
    return {re.sub(r" \(.*", "", line) for line in tree.splitlines() if line}


def weigh(name):
    packages, in_release, commands = WISHES[name]
    with tempfile.TemporaryDirectory() as folder:
        env = dict(os.environ, GRADUS_CACHE=f"{folder}/cache")
        work = ROOT
        if in_release:
            work = pathlib.Path(folder, "release")
            subprocess.run(GRADUS + ["release", "--out", str(work)], cwd=ROOT, env=env, check=True)
        if name != "cell":
            env["CARGO_TARGET_DIR"] = f"{folder}/target"
        else:
            subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
        for command in commands:
            # A fresh release has nothing solved, which is a failure for `check`.
            subprocess.run(command, cwd=work, env=env, check=not in_release, stdout=subprocess.DEVNULL)
        passed = time.time() - begin
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        count = crates(packages, work)
    print(f"| {name} | {len(count)} | {spent:.0f} | {passed:.0f} |", flush=True)


def report_of_build():
    with tempfile.TemporaryDirectory() as folder:
        env = dict(os.environ, CARGO_TARGET_DIR=folder)
        subprocess.run(["cargo", "build", "--release", "--timings", "--quiet"], cwd=ROOT, env=env, check=True)
        return pathlib.Path(folder, "cargo-timings/cargo-timing.html").read_text()


def figure(report):
    """The builds of the command's crates in time, as many beside each other as there are cores; from cargo's own report."""
    units = json.loads(re.search(r"UNIT_DATA = (\[.*?\]);", report, re.S)[1])
    units.sort(key=lambda unit: unit["start"])
    width, height, left = 960, 34, 8
    end = max(unit["start"] + unit["duration"] for unit in units)
    lanes, bars = [], []
    for unit in units:
        begin, last = unit["start"], unit["start"] + unit["duration"]
        # Times are rounded to tenths in the report.
        free = [lane for lane, until in enumerate(lanes) if until <= begin + 0.11]
        lane = free[0] if free else len(lanes)
        lanes[lane:lane + 1] = [last]
        x, wide = left + begin / end * width, max(unit["duration"] / end * width - 0.5, 0.3)
        own = unit["name"].startswith("gradus")
        words = html.escape(f'{unit["name"]} {unit["version"]}{unit["target"]}: {unit["duration"]:.1f} s')
        label = unit["name"] if wide > 7 * len(unit["name"]) else ""
        bars.append(
            f'<g><title>{words}</title><rect x="{x:.1f}" y="{lane * (height + 4) + 4}" width="{wide:.1f}" height="{height}"'
            f' fill="{"#2a78b5" if own else "#9fc5e0"}"/><text x="{x + 3:.1f}" y="{lane * (height + 4) + 25}">{label}</text></g>'
        )
    bottom = len(lanes) * (height + 4) + 4
    ticks = "".join(
        f'<text x="{left + at / end * width:.0f}" y="{bottom + 16}" text-anchor="middle">{at} s</text>'
        for at in range(20, int(end) + 1, 20)
    )
    total = f"{len(units)} steps, {end:.0f} s; darker: crates of this repository"
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width + 2 * left} {bottom + 40}" role="img"'
        f' font-family="sans-serif" font-size="11"><title>cargo build --release: {total}</title>'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(bars)}{ticks}'
        f'<text x="{left}" y="{bottom + 34}">{total}</text></svg>\n'
    )
    place = ROOT / "tests/weigh.svg"
    new = place.with_suffix(".new")
    new.write_text(picture)
    new.replace(place)
    print(f"{place.relative_to(ROOT)}: {total}")


if __name__ == "__main__":
    if shutil.which("cargo") is None:
        sys.exit("cargo is not on the search path")
    subprocess.run(["cargo", "fetch", "--locked", "--quiet"], cwd=ROOT, check=True)
    if sys.argv[1:2] == ["figure"]:
        kept = sys.argv[2:]
        sys.exit(figure(pathlib.Path(kept[0]).read_text() if kept else report_of_build()))
    unknown = set(sys.argv[1:]) - set(WISHES)
    if unknown:
        sys.exit(f"{', '.join(sorted(unknown))}: say figure, or some of {', '.join(WISHES)}")
    print("| what | crates | processor s | s |\n|---|---:|---:|---:|", flush=True)
    for wish in sys.argv[1:] or WISHES:
        weigh(wish)
