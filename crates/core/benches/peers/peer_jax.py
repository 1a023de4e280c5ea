"""The workloads in JAX: `jax` with the whole step jitted and the state donated; `jax-scan` with a whole epoch in one call."""

import functools
import os

os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np

from workloads import BATCH, L2, batches, main

# The generator of the hardware's kind: threefry, the default, costs more than the dropout itself.
jax.config.update("jax_default_prng_impl", "rbg")

DENSE = {"A": [784, 30, 10], "B": [784, 1024, 10], "C": [784, 256, 256, 256, 10], "D": [1600, 128, 10], "E": [86528, 1024, 10]}
CONV = {"D": [1, 32, 64], "E": [3, 128, 128, 128]}
RATE = {"A": 0.1, "B": 1e-4, "C": 1e-3, "D": 1e-3, "E": 1e-4}


def start(workload, seed):
    rng = np.random.default_rng(seed)

    def weight(*shape):
        window = int(np.prod(shape[:-2]))
        he = workload in "BC" and shape[-1] != 10
        variance = 2 / shape[-2] if he else 2 / (window * (shape[-2] + shape[-1]))
        return (rng.standard_normal(shape) * np.sqrt(variance)).astype(np.float32)

    sizes, channels = DENSE[workload], CONV.get(workload, [])
    conv = [(weight(3, 3, m, n), np.zeros(n, np.float32)) for m, n in zip(channels, channels[1:])]
    dense = [(weight(m, n), np.zeros(n, np.float32)) for m, n in zip(sizes, sizes[1:])]
    params = {"conv": conv, "dense": dense}
    if workload == "C":
        params["norm"] = [(np.ones(n, np.float32), np.zeros(n, np.float32)) for n in sizes[1:-1]]
    running = [(np.zeros(n, np.float32), np.ones(n, np.float32)) for n in sizes[1:-1]] if workload == "C" else []
    slots = jax.tree.map(np.zeros_like, (params, params)) if workload != "A" else ()
    return jax.device_put((params, running, slots, np.float32(0), jax.random.key(seed)))


def forward(workload, params, running, x, key):
    """Outputs of the last layer and the running statistics. Without a key as at test time."""
    new_running = []
    for w, b in params["conv"]:
        x = jax.lax.conv_general_dilated(x, w, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        x = jax.nn.relu(x + b)
        if workload == "D":
            x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    x = x.reshape(len(x), -1)
    *hidden, (w_out, b_out) = params["dense"]
    for i, (w, b) in enumerate(hidden):
        x = x @ w + b
        if workload == "C":
            (gamma, beta), (mean, variance) = params["norm"][i], running[i]
            if key is not None:
                batch = x.mean(0), x.var(0)
                new_running.append((0.99 * mean + 0.01 * batch[0], 0.99 * variance + 0.01 * batch[1]))
                mean, variance = batch
            x = gamma * (x - mean) * jax.lax.rsqrt(variance + 1e-3) + beta
        x = jax.nn.sigmoid(x) if workload == "A" else jax.nn.relu(x)
        if workload == "B" and key is not None:
            x = jnp.where(jax.random.bernoulli(key, 0.5, x.shape), 2 * x, 0)
    return x @ w_out + b_out, new_running


def step(workload, state, x, y):
    params, running, slots, t, key = state
    key, dropout = jax.random.split(key) if workload == "B" else (key, key)

    def cost(params):
        z, new_running = forward(workload, params, running, x, dropout)
        z_y = jnp.take_along_axis(z, y[:, None], 1)[:, 0]
        loss = (jax.nn.logsumexp(z, axis=1) - z_y).mean()
        if workload == "B":
            loss += L2 * jnp.square(params["dense"][0][0]).sum()
        return loss, (new_running, (z.argmax(1) == y).sum())

    (loss, (running, right)), grads = jax.value_and_grad(cost, has_aux=True)(params)
    rate, t = RATE[workload], t + 1
    if workload == "A":
        params = jax.tree.map(lambda p, g: p - rate * g, params, grads)
    else:
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, slots[0], grads)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, slots[1], grads)
        scale = rate * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        params = jax.tree.map(lambda p, m, v: p - scale * m / (jnp.sqrt(v) + 1e-7), params, m, v)
        slots = (m, v)
    return (params, running, slots, t, key), (loss * len(x), right)


@functools.partial(jax.jit, static_argnums=0, donate_argnums=(1, 2))
def one(workload, state, sums, x, y):
    state, (loss, right) = step(workload, state, x, y)
    return state, (sums[0] + loss, sums[1] + right)


@functools.partial(jax.jit, static_argnums=0, donate_argnums=(1, 2))
def several(workload, state, sums, x, y, rows):
    def body(carry, rows):
        state, sums = carry
        state, (loss, right) = step(workload, state, x[rows], y[rows])
        return (state, (sums[0] + loss, sums[1] + right)), None

    return jax.lax.scan(body, (state, sums), rows)[0]


@functools.partial(jax.jit, static_argnums=0)
def correct(workload, params, running, x, y):
    return (forward(workload, params, running, x, None)[0].argmax(1) == y).sum()


class Net:
    def __init__(self, peer, workload, train, test, seed):
        self.peer, self.workload, self.train, self.test = peer, workload, train, test
        self.rng = np.random.default_rng(seed)
        self.state = start(workload, seed)
        self.on_device = jax.device_put(train) if peer == "jax-scan" else None

    def epoch(self, n):
        sums = (jnp.zeros(()), jnp.zeros((), jnp.int32))
        x, y = self.train
        rest = batches(n, self.rng)
        if self.peer == "jax-scan":
            full = np.stack([rows for rows in rest if len(rows) == BATCH])
            self.state, sums = several(self.workload, self.state, sums, *self.on_device, full)
            rest = [rows for rows in rest if len(rows) < BATCH]
        for rows in rest:
            self.state, sums = one(self.workload, self.state, sums, x[rows], y[rows])
        return [float(s) / n for s in jax.block_until_ready(sums)]

    def accuracy(self):
        params, running, *_ = self.state
        x, y = self.test
        slices = [slice(i, i + 1000) for i in range(0, len(y), 1000)]
        return sum(int(correct(self.workload, params, running, x[s], y[s])) for s in slices) / len(y)


def build(peer, workload, train, test):
    return lambda seed: Net(peer, workload, train, test, seed)


main(["jax", "jax-scan"], build)
