"""One measurement of the example `scaling` in PyTorch: `scaling_pytorch.py BATCH WIDTH DEPTH STEPS` prints
`ms_per_step MiB_at_the_start MiB_at_most`."""

import sys
import time

import numpy as np
import torch
from torch import nn

PIXELS = 784


def memory(line):
    for text in open("/proc/self/status"):
        if text.startswith(line):
            return int(text.split()[1]) / 1024
    return float("nan")


batch, width, depth, steps = map(int, sys.argv[1:])
images = max(min(batch * steps, max(4096, 2 * batch)), 1)
# In place: what is held here for a moment would count as the training's.
x = np.arange(images * PIXELS, dtype=np.float32)
x *= np.float32(0.37)
np.sin(x, out=x)
x, y = torch.from_numpy(x.reshape(images, PIXELS)), torch.arange(images) % 10
start = memory("VmRSS:")

layers, n_in = [], PIXELS
for _ in range(depth):
    layers += [nn.Linear(n_in, width), nn.ReLU()]
    n_in = width
net = nn.Sequential(*layers, nn.Linear(n_in, 10))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-4, fused=True)


def epoch(rows):
    for batch_rows in torch.randperm(rows).split(batch):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x[batch_rows]), y[batch_rows]).backward()
        optimizer.step()


epoch(min(3 * batch, images))
epochs = -(-batch * steps // images)
started = time.perf_counter()
for _ in range(epochs):
    epoch(images)
taken = epochs * -(-images // batch)
milliseconds = 1e3 * (time.perf_counter() - started) / taken
print(f"{milliseconds:.5f} {start:.1f} {memory('VmHWM:'):.1f}")
