"""Matrix products in NumPy (OpenBLAS) or PyTorch (MKL): `products.py numpy|pytorch` reads lines `M K N TRANSPOSED_A
TRANSPOSED_B SECONDS` and answers each with the shortest time of one product, in seconds."""

import sys
import time

import numpy as np

who = sys.argv[1]
if who == "pytorch":
    import torch

    torch.set_grad_enabled(False)

for line in sys.stdin:
    if line.strip() == "memory":
        print(who, "nan", flush=True)
        continue
    m, k, n, ta, tb = map(int, line.split()[:5])
    seconds = float(line.split()[5])
    a, b = (np.ones((rows, columns), np.float32) for rows, columns in ((k, m) if ta else (m, k), (n, k) if tb else (k, n)))
    c = np.empty((m, n), np.float32)
    if who == "pytorch":
        a, b, c = torch.from_numpy(a), torch.from_numpy(b), torch.from_numpy(c)
        multiply = lambda a, b: torch.mm(a, b, out=c)
    else:
        multiply = lambda a, b: np.matmul(a, b, out=c)
    a, b = a.T if ta else a, b.T if tb else b
    best, end = float("inf"), time.perf_counter() + seconds
    # Short products several at a time, for the clock.
    count = max(1, int(1e6 / (m * k * n)))
    while True:
        start = time.perf_counter()
        for _ in range(count):
            multiply(a, b)
        now = time.perf_counter()
        best = min(best, (now - start) / count)
        if now > end:
            break
    print(who, f"{best:.9f}", flush=True)
