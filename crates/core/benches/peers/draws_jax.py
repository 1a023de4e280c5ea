"""A recipe in JAX: `jax-scan` with an epoch in one call, `jax` with the step jitted and the state donated."""

import functools
import os

os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np

from draws import main

# The generator of the hardware's kind: threefry, the default, costs more than the dropout itself.
jax.config.update("jax_default_prng_impl", "rbg")

ACTIVATIONS = {
    "Sigmoid": jax.nn.sigmoid, "Tanh": jnp.tanh, "Relu": jax.nn.relu, "LeakyRelu": jax.nn.leaky_relu, "Elu": jax.nn.elu,
    "Selu": jax.nn.selu, "Softplus": jax.nn.softplus, "Swish": jax.nn.silu, "Mish": jax.nn.mish,
    "Gelu": functools.partial(jax.nn.gelu, approximate=False), "GeluTanh": functools.partial(jax.nn.gelu, approximate=True),
    "Linear": lambda z: z,
}  # fmt: skip


def pool(x, size, start, f):
    return jax.lax.reduce_window(x, start, f, (1, size, size, 1), (1, size, size, 1), "VALID")


def forward(recipe, params, running, x, key):
    """Outputs of the last layer and the running statistics. Without a key nothing drops out."""
    params, running, new_running = iter(params), iter(running), []
    for i, layer in enumerate(recipe.layers):
        match layer["kind"]:
            case "dense":
                w, b = next(params)
                x = x.reshape(len(x), -1) @ w + b
            case "maxout":
                w, b = next(params)
                z = x.reshape(len(x), -1) @ w + b
                x = z.reshape(len(x), layer["units"], layer["pieces"]).max(2)
            case "conv2d":
                w, b = next(params)
                strides, padding = (layer["stride"],) * 2, layer["padding"].upper()
                x = jax.lax.conv_general_dilated(x, w, strides, padding, dimension_numbers=("NHWC", "HWIO", "NHWC")) + b
            case "batch_norm":
                (gamma, beta), (mean, variance) = next(params), next(running)
                axes = tuple(range(x.ndim - 1))
                batch = x.mean(axes), x.var(axes)
                new_running.append((0.99 * mean + 0.01 * batch[0], 0.99 * variance + 0.01 * batch[1]))
                x = gamma * (x - batch[0]) * jax.lax.rsqrt(batch[1] + 1e-3) + beta
            case "activation":
                f, value = ACTIVATIONS[layer["of"]], layer["value"]
                x = f(x) if value is None else f(x, value)
            case "prelu":
                (slope,) = next(params)
                x = jnp.where(x > 0, x, slope * x)
            case "max_pool":
                x = pool(x, layer["size"], -jnp.inf, jax.lax.max)
            case "average_pool":
                x = pool(x, layer["size"], 0.0, jax.lax.add) / layer["size"] ** 2
            case "dropout" if key is not None:
                keep = 1 - layer["p"]
                x = jnp.where(jax.random.bernoulli(jax.random.fold_in(key, i), keep, x.shape), x / keep, 0)
    return x, new_running


def cost(recipe, params, running, x, y, key):
    z, new_running = forward(recipe, params, running, x, key)
    match recipe.cost:
        case "CrossEntropy":
            z_y = jnp.take_along_axis(z, y[:, None], 1)[:, 0]
            return (jax.nn.logsumexp(z, axis=1) - z_y).mean(), (new_running, (z.argmax(1) == y).sum())
        case "BinaryCrossEntropy":
            loss = (jnp.maximum(z, 0) - z * y + jnp.log1p(jnp.exp(-jnp.abs(z)))).sum() / len(y)
        case _:
            loss = jnp.square(z - y).sum() / (2 * len(y))
    return loss, (new_running, jnp.zeros((), jnp.int32))


SLOTS = {"sgd": 0, "momentum": 1, "nag": 1, "adagrad": 1, "rmsprop": 1, "adadelta": 2, "adam": 2, "adamw": 2}


def update(rule, t, w, g, slots):
    """One step on one parameter: the parameter and its slots."""
    eta = rule["learning_rate"]
    match rule["name"], slots:
        case "sgd", ():
            return w - eta * g, ()
        case "momentum", (v,):
            v = 0.9 * v - eta * g
            return w + v, (v,)
        case "nag", (v,):
            v = 0.9 * v - eta * g
            return w + 0.9 * v - eta * g, (v,)
        case "adagrad", (s,):
            s = s + g * g
            return w - eta * g / (jnp.sqrt(s) + 1e-10), (s,)
        case "rmsprop", (s,):
            s = 0.9 * s + 0.1 * g * g
            return w - eta * g / (jnp.sqrt(s) + 1e-7), (s,)
        case "adadelta", (s, d):
            s = 0.95 * s + 0.05 * g * g
            delta = jnp.sqrt(d + 1e-6) / jnp.sqrt(s + 1e-6) * g
            return w - eta * delta, (s, 0.95 * d + 0.05 * delta * delta)
        case _, (m, v):
            if rule["name"] == "adamw":
                w = w - eta * 0.01 * w
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
            return w - eta * m_hat / (jnp.sqrt(v_hat) + 1e-8), (m, v)


def step(recipe, dropout, state, x, y):
    params, running, slots, t, key = state
    drops = dropout and any(layer["kind"] == "dropout" for layer in recipe.layers)
    key, dropping = jax.random.split(key) if drops else (key, None)
    take = jax.value_and_grad(lambda params: cost(recipe, params, running, x, y, dropping), has_aux=True)
    (loss, (running, right)), grads = take(params)
    rule, t = recipe.rule, t + 1
    flat, tree = jax.tree.flatten(params)
    grads = jax.tree.leaves(grads)
    if rule["clip"]:
        norm = jnp.sqrt(sum(jnp.square(g).sum() for g in grads))
        grads = [g * jnp.minimum(1.0, rule["clip"] / norm) for g in grads]
    if rule["weight_decay"]:
        grads = [g + rule["weight_decay"] * w for w, g in zip(flat, grads)]
    new = [update(rule, t, w, g, s) for w, g, s in zip(flat, grads, slots)]
    params = jax.tree.unflatten(tree, [w for w, _ in new])
    return (params, running, [s for _, s in new], t, key), (loss, right)


class Net:
    def __init__(self, peer, recipe):
        jax.clear_caches()
        self.peer, self.recipe, self.rng = peer, recipe, np.random.default_rng(0)
        self.state = self.start()
        self.data = recipe.data if peer == "jax" else jax.device_put(recipe.data)

        @functools.partial(jax.jit, donate_argnums=(0, 1))
        def one(state, sums, x, y):
            state, (loss, right) = step(recipe, True, state, x, y)
            return state, (sums[0] + loss, sums[1] + right)

        @functools.partial(jax.jit, donate_argnums=(0, 1))
        def several(state, sums, x, y, rows):
            def body(carry, rows):
                state, (loss, right) = step(recipe, True, carry[0], x[rows], y[rows])
                return (state, (carry[1][0] + loss, carry[1][1] + right)), None

            return jax.lax.scan(body, (state, sums), rows)[0]

        self.one, self.several = one, several

    def start(self):
        params = [layer["weights"] for layer in self.recipe.layers if "weights" in layer]
        norms = [layer["weights"] for layer in self.recipe.layers if layer["kind"] == "batch_norm"]
        running = [(np.zeros_like(beta), np.ones_like(beta)) for _, beta in norms]
        slots = [(np.zeros_like(w),) * SLOTS[self.recipe.rule["name"]] for w in jax.tree.leaves(params)]
        # Copies: arrays that are donated must not be the same.
        return jax.tree.map(jnp.array, (params, running, slots, np.float32(0), jax.random.key(0)))

    def costs(self, count):
        state, n = self.start(), self.recipe.batch
        x, y = self.recipe.data
        learn = jax.jit(functools.partial(step, self.recipe, False))
        for _ in range(count):
            state, (loss, _) = learn(state, x[:n], y[:n])
            yield float(loss)

    def epoch(self):
        sums = (jnp.zeros(()), jnp.zeros((), jnp.int32))
        x, y = self.data
        rows = self.rng.permutation(len(y)).reshape(-1, self.recipe.batch)
        if self.peer == "jax-scan":
            self.state, sums = self.several(self.state, sums, x, y, rows)
        else:
            for batch in rows:
                self.state, sums = self.one(self.state, sums, x[batch], y[batch])
        return [float(s) for s in jax.block_until_ready(sums)]


main(["jax", "jax-scan"], Net)
