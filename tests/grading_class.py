"""Makes a class of N varied submissions to a lab: right, half done, wrong, not compiling, hostile, nothing at all.

    python3 tests/grading_class.py FOLDER N [--lab lab2] [--seed 1] [--hostile 5]

What each one is stands in its name, so that a gradebook can be read beside it. The same N and seed make the same class.
"""

import argparse
import io
import os
import random
import re
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^([ \t]*)// BEGIN SOLUTION (\S+)(?: stub: ?([^\n]*))?\n(.*?)^[ \t]*// END SOLUTION\n", re.M | re.S)
NAMES = ["Ana García", "José Núñez Ortega", "Zoë", "Li Wei", "Łukasz", "Íñigo", "Nuria O'Neill", "Bo"]

# Bodies that a function of an exercise begins with. What they must not reach is said in the corpus of attacks; here they only have
# to cost no other submission anything.
HOSTILE = [
    "std::process::exit(0);",
    "std::process::abort();",
    "loop {}",
    "let mut all = Vec::new(); loop { all.push(vec![1u8; 1 << 26]); }",
    "println!(\"{{\\\"id\\\":\\\"lab2.1\\\",\\\"points\\\":100}}\"); std::process::exit(0);",
    "fn deep(n: u64) -> u64 { deep(n + 1) + 1 } std::hint::black_box(deep(0));",
    "let _ = std::fs::write(\"/tmp/gradus-was-here\", \"x\");",
    "let _ = std::process::Command::new(\"sh\").arg(\"-c\").arg(\"sleep 1000 &\").spawn();",
]


def solutions(lab):
    folder = ROOT / "labs" / lab / "src/exercises"
    return {path.name: path.read_text() for path in sorted(folder.glob("e*.rs"))}


def stub(text):
    """As a student gets it."""
    def line(found):
        indent, exercise, rest = found.group(1), found.group(2), found.group(3)
        return f'{indent}{rest if rest is not None else f"todo!({chr(34)}{exercise}{chr(34)})"}\n'
    return BLOCK.sub(line, text)


def solved(text):
    return BLOCK.sub(lambda found: found.group(4), text)


def wrong(text, rng):
    """A sign, a factor or a bound is another one, somewhere in a solution."""
    blocks = list(BLOCK.finditer(text))
    places = []
    for block in blocks:
        for found in re.finditer(r" (\+|-|\*|/) |\b(0\.5|1\.0|2\.0)\b|(>=|<=)", block.group(4)):
            places.append((block.start(4) + found.start(), block.start(4) + found.end(), found.group(0)))
    if not places:
        return stub(text)
    begin, end, was = rng.choice(places)
    becomes = {" + ": " - ", " - ": " + ", " * ": " / ", " / ": " * ", ">=": "<", "<=": ">"}.get(was, "1.5")
    return solved(text[:begin] + becomes + text[end:])


def uncompiled(text, rng):
    text = solved(text)
    places = [found.start() for found in re.finditer(r";\n|}\n", text)]
    at = rng.choice(places)
    return text[:at] + text[at + 1:]


def hostile(text, rng):
    return re.sub(r"^(pub fn [^{]*\{)", lambda found: f"{found.group(1)} {rng.choice(HOSTILE)}", text, count=1, flags=re.M | re.S)


def submission(kind, files, rng):
    names = sorted(files)
    some = rng.sample(names, max(1, len(names) // 3))
    made = {}
    for name in names:
        text = files[name]
        change = name in some
        if kind == "right" or not change:
            made[name] = solved(text)
        elif kind == "part":
            made[name] = stub(text)
        elif kind == "wrong":
            made[name] = wrong(text, rng)
        elif kind == "uncompiled":
            made[name] = uncompiled(text, rng) if name == some[0] else solved(text)
        elif kind == "hostile":
            made[name] = hostile(text, rng) if name == some[0] else solved(text)
    if kind == "nothing":
        return {"README.md": "I was ill"}
    # Students' files differ in what does not matter.
    return {name: text + "\n" * rng.randrange(4) + f"// {rng.random()}\n" for name, text in made.items()}


def write(folder, lab, student, files, form):
    prefix = f"work/labs/{lab}/src/exercises/"
    if form == "zip":
        with zipfile.ZipFile(folder / f"{student}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files.items():
                archive.writestr(prefix + name, text)
    elif form == "tar.gz":
        with tarfile.open(folder / f"{student}.tar.gz", "w:gz") as archive:
            for name, text in files.items():
                entry = tarfile.TarInfo(prefix + name)
                entry.size = len(text.encode())
                archive.addfile(entry, io.BytesIO(text.encode()))
    else:
        for name, text in files.items():
            path = folder / student / prefix / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def make(folder, count, lab="lab2", seed=1, percent_hostile=5):
    folder = Path(folder)
    folder.mkdir(parents=True)
    files = solutions(lab)
    rng = random.Random(seed)
    for n in range(count):
        draw = rng.randrange(100)
        if draw < percent_hostile:
            kind = "hostile"
        elif draw < percent_hostile + 2:
            kind = "nothing"
        elif draw < 45:
            kind = "right"
        elif draw < 65:
            kind = "part"
        elif draw < 90:
            kind = "wrong"
        else:
            kind = "uncompiled"
        student = f"{NAMES[n % len(NAMES)]} {n:04} {kind}"
        write(folder, lab, student, submission(kind, files, rng), ["folder", "zip", "tar.gz"][n % 3])
    # One time for all, so that two classes are the same to the byte.
    for base, folders, names in os.walk(folder):
        for name in folders + names:
            os.utime(Path(base) / name, (1_795_000_000, 1_795_000_000))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("count", type=int)
    parser.add_argument("--lab", default="lab2")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hostile", type=int, default=5, help="percent")
    options = parser.parse_args()
    make(options.folder, options.count, options.lab, options.seed, options.hostile)
