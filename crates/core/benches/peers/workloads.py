"""What the peers in Python share: the data of the workloads, and the conversation with the one who measures.

A peer by itself, here workloads A and D:

    GRADUS_DATA=../../../../../shared/data python peer_pytorch.py pytorch AD

prints for each the line `pytorch WORKLOAD ms_per_step acc=ACCURACY` that gradus's example `step_time` prints too: the
steps of STEPS timed after a round to warm up, then the accuracy on the test images after 3 epochs from the start.
With `--listen` and one workload it obeys the lines it reads: `time`, `accuracy`, `until ACCURACY SEED`, `memory`.
"""

import argparse
import gzip
import os
import pathlib
import sys
import time

import numpy as np

BATCH = 64
STEPS = {"A": 938, "B": 938, "C": 938, "D": 200, "E": 3}
WARM_UP = {"A": 938, "B": 938, "C": 938, "D": 20, "E": 1}
L2 = 0.01  # on the hidden kernel of B: adds L2 * sum(w**2) to the loss


def folder():
    for path in (os.environ.get("GRADUS_DATA"), "~/.cache/gradus", "/usr/share/datasets"):
        if path and (found := pathlib.Path(path).expanduser() / "fashion-mnist").is_dir():
            return found
    sys.exit("no Fashion-MNIST: name the folder that contains fashion-mnist/ in GRADUS_DATA")


def idx(name, header):
    data = gzip.decompress((folder() / f"{name}.gz").read_bytes())
    return np.frombuffer(data, np.uint8, offset=header)


def images(split):
    """Pixels in 0..1 of shape (n, 784), labels of shape (n,)."""
    pixels = idx(f"{split}-images-idx3-ubyte", 16).reshape(-1, 784)
    x = np.empty(pixels.shape, np.float32)
    np.multiply(pixels, np.float32(1 / 255), out=x)
    return x, idx(f"{split}-labels-idx1-ubyte", 8).astype(np.int32)


def data(workload):
    """Training data, and test data where there are any; the images as (n, height, width, channels)."""
    if workload == "E":
        rng = np.random.default_rng(0)
        return (rng.random((3 * BATCH, 32, 32, 3), np.float32), np.arange(3 * BATCH, dtype=np.int32) % 10), None
    sets = images("train"), images("t10k")
    if workload == "D":
        sets = [(x.reshape(-1, 28, 28, 1), y) for x, y in sets]
    return sets


def batches(n, rng):
    """The rows of each mini-batch of an epoch: every example once, shuffled, the last batch as it comes."""
    order = rng.permutation(n)
    return [order[i : i + BATCH] for i in range(0, n, BATCH)]


def peak_memory():
    """MiB of memory that this process has held at most."""
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return float("nan")


class Session:
    """One peer at one workload. `build(seed)` gives a network to train from the start; it has
    `epoch(rows)`, which goes through the first `rows` examples once and has finished when it returns,
    and `accuracy()` on the test images."""

    def __init__(self, peer, workload, build):
        self.peer, self.workload, self.build = peer, workload, build
        self.net = None

    def time(self):
        steps = STEPS[self.workload]
        # 938 batches are the 60,000 images: the last is of 32.
        rows = 60_000 if steps == 938 else steps * BATCH
        if self.net is None:
            self.net = self.build(0)
            self.net.epoch(rows if steps == 938 else WARM_UP[self.workload] * BATCH)
        start = time.perf_counter()
        self.net.epoch(rows)
        return 1e3 * (time.perf_counter() - start) / steps

    def accuracy(self):
        if self.workload == "E":
            return float("nan")
        net = self.build(0)
        for _ in range(3):
            net.epoch(60_000)
        return net.accuracy()

    def until(self, target, seed):
        """Seconds of training, with an evaluation after each epoch, and the epochs it took; at most 30."""
        if self.net is None:
            # What is compiled at the first call is compiled now.
            self.net = self.build(0)
            self.net.epoch(60_000)
            self.net.accuracy()
        net = self.build(seed)
        start = time.perf_counter()
        for epoch in range(1, 31):
            net.epoch(60_000)
            if net.accuracy() >= target:
                return time.perf_counter() - start, epoch
        return float("nan"), 30

    def obey(self, line):
        name = f"{self.peer} {self.workload}"
        match line.split():
            case ["time"]:
                return f"{name} {self.time():.4f} acc=nan"
            case ["accuracy"]:
                return f"{name} nan acc={self.accuracy():.4f}"
            case ["until", target, seed]:
                seconds, epochs = self.until(float(target), int(seed))
                return f"{name} until {target} seed {seed}: {seconds:.3f} s {epochs} epochs"
            case ["memory"]:
                return f"{name} memory {peak_memory():.1f} MiB"
        return f"{name} does not know {line!r}"


def main(peers, build):
    """`build(peer, workload, train, test)` gives the function `build(seed)` of a session."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=peers)
    parser.add_argument("workloads", help="letters of A to E")
    parser.add_argument("--listen", action="store_true", help="obey the lines of standard input")
    args = parser.parse_args()
    for workload in args.workloads:
        if workload not in STEPS:
            parser.error(f"no workload {workload}: there are A, B, C, D and E")
        train, test = data(workload)
        session = Session(args.peer, workload, build(args.peer, workload, train, test))
        if args.listen:
            for line in sys.stdin:
                print(session.obey(line), flush=True)
        else:
            milliseconds = session.time()
            print(f"{args.peer} {workload} {milliseconds:.3f} acc={session.accuracy():.4f}", flush=True)
