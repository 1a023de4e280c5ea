"""What the peers of the example `draws` share: a recipe with its weights and data, and the conversation with the one who
measures. They obey the lines they read: `load FOLDER`, `costs`, `time EPOCHS`, `memory`."""

import json
import pathlib
import sys
import time

import numpy as np

CHECKED = 4


def safetensors(path):
    """The matrices of a file of safetensors, by name."""
    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    header.pop("__metadata__", None)
    return {
        name: np.frombuffer(raw[8 + size + entry["data_offsets"][0] : 8 + size + entry["data_offsets"][1]], np.float32)
        .reshape(entry["shape"])
        .copy()
        for name, entry in header.items()
    }


class Recipe:
    """The recipe as it stands in the file, `layers` with the last dense one, each with its weights: kernels of
    convolutions as (height, width, channels, filters)."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.__dict__.update(json.loads((folder / "recipe.json").read_text()))
        self.steps = self.examples // self.batch
        self.classes = self.cost == "CrossEntropy"
        x = np.fromfile(folder / "x.f32", np.float32).reshape(self.examples, *self.input)
        y = np.fromfile(folder / "y.f32", np.float32)
        y = y.astype(np.int32) if self.classes else y.reshape(self.examples, self.outputs)
        self.data = x, y
        weights = safetensors(folder / "net.safetensors")
        self.layers = self.layers + [{"kind": "dense", "units": self.outputs}]
        counts = {}
        for layer in self.layers:
            kind = layer["kind"]
            counts[kind] = counts.get(kind, 0) + 1
            if kind in ("dense", "maxout", "conv2d"):
                w, b = (weights[f"{kind}_{counts[kind]}.{name}"] for name in ("weight", "bias"))
                if kind == "conv2d":
                    w = w.reshape(layer["size"], layer["size"], -1, layer["filters"])
                layer["weights"] = w, b.reshape(-1)
            elif kind == "batch_norm":
                layer["weights"] = tuple(weights[f"batch_norm_{counts[kind]}.{name}"].reshape(-1) for name in ("gamma", "beta"))
            elif kind == "prelu":
                layer["weights"] = (weights[f"prelu_{counts[kind]}.slope"].reshape(-1),)
            elif kind == "activation":
                # "Relu", or {"Elu": 1.0}
                of = layer["of"]
                layer["of"], layer["value"] = (of, None) if isinstance(of, str) else next(iter(of.items()))


def peak_memory():
    """MiB of memory that this process has held at most."""
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return float("nan")


def main(peers, build):
    """`build(peer, recipe)` gives a network with `costs(count)`, the costs of the first batch, seen so many times without
    dropout, and `epoch()`, which goes through the data once, shuffled, and has finished when it returns."""
    peer = sys.argv[1]
    if peer not in peers:
        sys.exit(f"no peer {peer}: there are {', '.join(peers)}")
    net = recipe = None
    for line in sys.stdin:
        try:
            match line.split():
                case ["load", folder]:
                    net = None
                    recipe = Recipe(folder)
                    net = build(peer, recipe)
                    answer = "loaded"
                case ["costs"]:
                    answer = " ".join(f"{cost:.7f}" for cost in net.costs(CHECKED))
                case ["time", epochs]:
                    start = time.perf_counter()
                    for _ in range(int(epochs)):
                        net.epoch()
                    answer = f"{1e3 * (time.perf_counter() - start) / int(epochs) / recipe.steps:.6f}"
                case ["memory"]:
                    answer = f"{peak_memory():.1f}"
                case _:
                    answer = f"error does not know {line!r}"
        except Exception as error:
            answer = f"error {type(error).__name__}: {' '.join(str(error).split())[:500]}"
        print(f"{peer} {answer}", flush=True)
