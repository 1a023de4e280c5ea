"""A grader that is killed loses nothing: kill -9 at random moments during a class, and then the same command again.

    cargo build --release -p gradus-labs
    python3 tests/grading_kill.py [--class 50] [--kills 20] [--program target/release/gradus-labs]

After each kill the gradebook must open, every grade that was in it must be in it as it was, and no student twice. At the end the CSV
must be that of a run that nobody disturbed, byte for byte, and nothing must have been marked twice.
"""

import argparse
import csv
import io
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import grading_class

ROOT = Path(__file__).resolve().parent.parent


def grade(program, class_, out, log):
    command = [program, "grade", class_, "--lab", "lab2", "--seed", "11", "--out", out]
    return subprocess.Popen([str(word) for word in command], cwd=ROOT, stdout=log, stderr=log)


def table(program, out):
    """The exported CSV; nothing where there is no gradebook yet."""
    if not (out / "gradebook.sqlite").exists():
        return ""
    said = subprocess.run([str(program), "grades", "--csv", "--from", str(out)], cwd=ROOT, capture_output=True, text=True)
    # Killed before the first mark: a gradebook without a lab.
    if said.returncode != 0 and "nothing was marked yet" in said.stderr:
        return ""
    assert said.returncode == 0, said.stderr
    return said.stdout


def rows(text):
    read = list(csv.DictReader(io.StringIO(text)))
    by = {row["student"]: row for row in read}
    assert len(by) == len(read), "a student is there twice"
    return by


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--class", dest="size", type=int, default=50)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--program", default=ROOT / "target/release/gradus-labs", type=Path)
    options = parser.parse_args()
    program = options.program.resolve()
    here = Path(tempfile.mkdtemp(prefix="grading-kill-"))
    rng = random.Random(options.seed)
    class_, whole, torn = here / "class", here / "whole", here / "torn"
    grading_class.make(class_, options.size)
    with open(here / "log", "w") as log:
        # What is built once does not count; the second time shows how long it takes to begin.
        grading_class.make(here / "one", 1)
        for _ in range(2):
            begun = time.time()
            assert grade(program, here / "one", here / "warm", log).wait() == 0, (here / "log").read_text()[-2000:]
        begins = time.time() - begun
        begun = time.time()
        assert grade(program, class_, whole, log).wait() == 0, (here / "log").read_text()[-2000:]
        took = time.time() - begun
        expected = table(program, whole)
        assert len(rows(expected)) == options.size, expected
        print(f"undisturbed: {options.size} submissions in {took:.0f} s", flush=True)
        # So that the kills are spread over the class.
        most = 2 * max(took - begins, 1) / max(options.kills, 1)
        kills, before = 0, {}
        while True:
            running = grade(program, class_, torn, log)
            try:
                # Anywhere from the first step of the program to some marks later.
                running.wait(rng.uniform(0, begins + most) if kills < options.kills else None)
            except subprocess.TimeoutExpired:
                running.send_signal(signal.SIGKILL)
                running.wait()
                kills += 1
            after = rows(table(program, torn))
            for student, row in before.items():
                assert after.get(student) == row, f"{student}: {row} became {after.get(student)}"
            print(f"kill {kills}: {len(after)} of {options.size} marked", flush=True)
            before = after
            if running.returncode == 0 and (kills >= options.kills or len(after) == options.size):
                break
            assert running.returncode in (0, -signal.SIGKILL), (here / "log").read_text()[-2000:]
    assert table(program, torn) == expected, f"{whole} and {torn} differ"
    with sqlite3.connect(torn / "gradebook.sqlite") as db:
        (attempts,) = db.execute("SELECT count(*) FROM attempts").fetchone()
    assert attempts == options.size, f"{attempts} attempts for {options.size} submissions"
    shutil.rmtree(here)
    print(f"{kills} kills: nothing lost, doubled or changed")


if __name__ == "__main__":
    sys.exit(main())
