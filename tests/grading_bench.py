"""How fast a class is marked: seconds a submission, memory of the grader, and `cargo test` beside it.

    cargo build --release -p gradus-labs
    python3 tests/grading_bench.py [--class 100] [--sample 5] [--lab lab2] [--program target/release/gradus-labs]

The class is that of `grading_class.py`: right, half done, wrong, not compiling, hostile. The other side of the comparison is what an
instructor can do without a grader: the submission's files in a fresh workspace, `cargo test` there, a target folder for each, since
one that is shared would be open to what a submission writes. Downloads do not count; building what marking needs is shown apart.
"""

import argparse
import os
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import grading_class

ROOT = Path(__file__).resolve().parent.parent


def memory(process):
    """The resident MiB of one process, and of all that it has started."""
    parents, sizes = {}, {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        size = re.search(r"VmRSS:\s+(\d+)", text)
        parents[int(status.parent.name)] = int(re.search(r"PPid:\s+(\d+)", text)[1])
        sizes[int(status.parent.name)] = int(size[1]) / 1024 if size else 0.0

    def below(pid):
        return sizes.get(pid, 0.0) + sum(below(child) for child, parent in parents.items() if parent == pid)
    return sizes.get(process, 0.0), below(process)


def grade(program, submissions, lab, out):
    """The seconds that it takes, and the memory of each second."""
    begun, seen = time.time(), []
    command = [str(program), "grade", str(submissions), "--lab", lab, "--seed", "3", "--out", str(out)]
    with open(out.with_suffix(".log"), "w") as log:
        running = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

        def watch():
            while running.poll() is None:
                seen.append(memory(running.pid))
                time.sleep(1)
        watching = threading.Thread(target=watch)
        watching.start()
        status = running.wait()
        watching.join()
    if status not in (0, 1):
        sys.exit(out.with_suffix(".log").read_text()[-2000:])
    return time.time() - begun, seen


def shown(figures):
    figures = sorted(figures)
    return f"median {statistics.median(figures):.2f} s, 95 % below {figures[int(len(figures) * 0.95)]:.2f} s, most {figures[-1]:.2f} s"


def cargo_test(program, submission, lab, here):
    """The seconds of `cargo test` for one submission."""
    work = here / "work"
    shutil.rmtree(work, ignore_errors=True)
    subprocess.run([str(program), "release", "--out", str(work)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for name, text in submission.items():
        (work / "labs" / lab / "src/exercises" / name).write_text(text)
    env = dict(os.environ, CARGO_TARGET_DIR=str(work / "target"))
    begun = time.time()
    subprocess.run(["cargo", "test", "--quiet", "-p", lab], cwd=work, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.time() - begun


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--class", dest="size", type=int, default=100)
    parser.add_argument("--sample", type=int, default=5)
    parser.add_argument("--lab", default="lab2")
    parser.add_argument("--program", default=ROOT / "target/release/gradus-labs", type=Path)
    options = parser.parse_args()
    program, size = options.program.resolve(), options.size
    with tempfile.TemporaryDirectory(prefix="grading-bench-") as folder:
        here = Path(folder)
        grading_class.make(here / "one", 1, options.lab)
        grading_class.make(here / "class", size, options.lab)
        first, _ = grade(program, here / "one", options.lab, here / "first")
        start, _ = grade(program, here / "one", options.lab, here / "second")
        print(f"what marking needs, and one submission: {first:.0f} s; one submission when it is there: {start:.1f} s", flush=True)

        took, seen = grade(program, here / "class", options.lab, here / "marked")
        with sqlite3.connect(here / "marked/gradebook.sqlite") as db:
            rows = db.execute("SELECT student, seconds FROM attempts").fetchall()
        assert len(rows) == size, f"{len(rows)} of {size} are marked"
        each = took / size
        print(f"{size} submissions: {took:.0f} s, {each:.2f} s for each; 1000 would take {1000 * each / 60:.0f} min")
        print(f"a submission by the clock, {os.cpu_count()} at once: {shown([seconds for _, seconds in rows])}")
        for kind in sorted({student.split()[-1] for student, _ in rows}):
            of_kind = [seconds for student, seconds in rows if student.endswith(kind)]
            print(f"    {kind:10} {len(of_kind):4}: {shown(of_kind)}")
        quarter = max(len(seen) // 4, 1)
        for name, which in (("the grader", 0), ("with all that it starts", 1)):
            sizes = [both[which] for both in seen]
            print(
                f"memory, {name}: median of the first quarter {statistics.median(sizes[:quarter]):.0f} MiB, "
                f"of the last {statistics.median(sizes[-quarter:]):.0f}, most {max(sizes):.0f}"
            )
        sys.stdout.flush()

        if options.sample:
            solved = {name: grading_class.solved(text) for name, text in grading_class.solutions(options.lab).items()}
            times = [cargo_test(program, solved, options.lab, here) for _ in range(options.sample)]
            ratio = statistics.median(times) / each
            print(f"`cargo test` for each in a target folder of its own, {options.sample} tries: {shown(times)}")
            print(f"marking is {ratio:.1f} times as fast")


if __name__ == "__main__":
    main()
