"""What many kernels of one user cost: memory, and how long a trivial cell takes in all of them at once.

    cargo build --release && cargo build --release -p gradus-analysis
    python3 tests/kernels.py            # thirty kernels
    python3 tests/kernels.py 8          # fewer

Linux only, since memory is read as PSS from /proc. Needs jupyter_client; where that is missing, it comes by pip into an
environment that is removed in the end. The library for cells is built first, where it is not there yet: that takes a minute.
Ends with 1 when a figure is above what it should be.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
ROUNDS = 5
# MiB, and seconds.
IDLE, WITH_LIBRARY, ANALYSIS, MEDIAN, FIRST_ANSWER, LATER_ANSWER = 20, 40, 700, 1.0, 3.0, 0.2


def pss(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    except (OSError, StopIteration):
        return 0.0


def processes():
    """Number, parent and command line of all."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            parent = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1]
            line = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        yield int(pid), int(parent), line


def of_kernels(ids):
    """The memory of kernels with all that they have started but the analysis, one by one."""
    known = list(processes())
    children, found = {}, []
    for pid, parent, line in known:
        if not line[0].endswith("gradus-analysis"):
            children.setdefault(parent, []).append(pid)
    for kernel in ids:
        tree = [kernel]
        for pid in tree:
            tree += children.get(pid, [])
        found.append(sum(map(pss, tree)))
    return found


def analyses(runtime):
    return [pid for pid, _, line in processes() if line[0].endswith("gradus-analysis") and any(runtime in word for word in line)]


class Kernel:
    def __init__(self, folder, env):
        from jupyter_client import KernelManager
        from jupyter_client.kernelspec import KernelSpec

        self.manager = KernelManager()
        self.manager._kernel_spec = KernelSpec(
            argv=[str(TARGET / "gradus"), "kernel", "start", "{connection_file}"], display_name="Gradus", language="rust"
        )
        self.manager.start_kernel(cwd=folder, env=env)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)
        self.pid = self.manager.provisioner.process.pid

    def reply(self, message):
        return self.client._recv_reply(message, timeout=600)["content"]

    def run(self, code):
        reply = self.reply(self.client.execute(code, allow_stdin=False))
        assert reply["status"] == "ok", reply

    def complete(self, code):
        begin = time.time()
        reply = self.reply(self.client.complete(code))
        return reply["matches"], time.time() - begin

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def at_once(kernels, code):
    """Seconds until each of them has answered a cell that all get at the same time; `code` gives the cell of a kernel."""
    import zmq

    begin, waiting, seconds = time.time(), {}, []
    poller = zmq.Poller()
    for number, kernel in enumerate(kernels):
        socket = kernel.client.shell_channel.socket
        poller.register(socket, zmq.POLLIN)
        waiting[socket] = kernel
        kernel.client.execute(code(number), allow_stdin=False)
    while waiting:
        for socket, _ in poller.poll(60_000):
            content = waiting.pop(socket).client.get_shell_msg(timeout=10)["content"]
            assert content["status"] == "ok", content
            poller.unregister(socket)
            seconds.append(time.time() - begin)
    return seconds


def main(count):
    failures = []

    def say(what, value, unit, limit=None):
        known = "" if limit is None else f"at most {limit:g} {unit}"
        print(f"| {what} | {value:.3g} {unit} | {known} |", flush=True)
        if limit is not None and value > limit:
            failures.append(what)

    kernels = []
    with tempfile.TemporaryDirectory() as folder:
        env = dict(os.environ, XDG_RUNTIME_DIR=folder, GRADUS_ANALYSIS_ALONE="1")
        try:
            print(f"| {count} kernels | measured | wanted |\n|---|---:|---:|", flush=True)
            kernels = [Kernel(folder, env) for _ in range(count)]
            ids = [kernel.pid for kernel in kernels]
            # A kernel gets ready for its first cell when it has nothing else to do.
            time.sleep(10)
            say("an idle kernel, median", statistics.median(of_kernels(ids)), "MiB", IDLE)
            library = f':dep gradus = {{ path = "{ROOT / "crates/core"}" }}\nuse gradus::prelude::*;\nlet data = Dataset::digits();'
            for kernel in kernels:
                kernel.run(library)
            time.sleep(5)
            say("with the library, median", statistics.median(of_kernels(ids)), "MiB", WITH_LIBRARY)
            same, other = [], []
            for turn in range(ROUNDS):
                other += at_once(kernels, lambda number: f'let x = "{os.getpid()}, {turn}, {number}";')
                same += at_once(kernels, lambda number: f"{turn} + {os.getpid()}")
            say("the same trivial cell in all at once, median", statistics.median(same), "s", MEDIAN)
            say("the slowest", max(same), "s")
            say("another trivial cell in each at once, median", statistics.median(other), "s", MEDIAN)
            say("the slowest", max(other), "s")

            first, seconds = kernels[0].complete("Dataset::digits().sp")
            assert "split(" in first, first
            say("first completion after a dot", seconds, "s", FIRST_ANSWER)
            # The type of this is known to the compiler alone.
            code = "vec![1].iter().max().is_so"
            begin = time.time()
            while "is_some()" not in kernels[0].complete(code)[0]:
                assert time.time() - begin < 300, "no answer of the compiler"
                time.sleep(0.05)
            say("until the compiler's answers are there", time.time() - begin, "s")
            later = []
            for question in ["Dataset::digits().", "Sequential::input(3).dense(4).acti", "let a = Se", code]:
                for kernel in kernels:
                    found, seconds = kernel.complete(question)
                    assert found, question
                    later.append(seconds)
            say(f"{len(later)} later completions, in all kernels, median", statistics.median(later), "s", LATER_ANSWER)
            say("the slowest", max(later), "s")
            found = analyses(folder)
            say("programs for completion", len(found), "", 1)
            say("their memory", sum(map(pss, found)), "MiB", ANALYSIS)
            say("all together", sum(of_kernels(ids)) + sum(map(pss, found)), "MiB")
        finally:
            for kernel in kernels:
                kernel.end()
            while analyses(folder):
                time.sleep(0.2)
    if failures:
        sys.exit(f"too much: {', '.join(failures)}")


def with_jupyter_client():
    """Starts this script again where jupyter_client is."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = f"{folder}/bin/python"
        if subprocess.run([python, "-m", "pip", "install", "--quiet", "jupyter_client"]).returncode:
            sys.exit("jupyter_client is missing, and pip cannot install it: python3 -m pip install jupyter_client")
        sys.exit(subprocess.run([python, *sys.argv]).returncode)


if __name__ == "__main__":
    if not pathlib.Path("/proc/self/smaps_rollup").exists():
        sys.exit("this reads memory from /proc, which only Linux has")
    for program, package in [("gradus", "gradus-cli"), ("gradus-analysis", "gradus-analysis")]:
        if not (TARGET / program).exists():
            sys.exit(f"build it first: cargo build --release -p {package}")
    try:
        import jupyter_client  # noqa: F401
    except ImportError:
        with_jupyter_client()
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
