#!/usr/bin/env python3
"""The numbers of class_weights.json: a linear classifier trained with a weight for each class, in Keras by `class_weight` and in
PyTorch by `CrossEntropyLoss(weight=)`: the cost of each of five steps on all examples, and the weights at the end.

PyTorch's mean divides by the sum of the weights in the batch, Keras's by the number of examples. "pytorch_mean" is the first
step's cost as PyTorch's mean gives it, to show the factor between them.

usage: KERAS_BACKEND=jax class_weights.py > class_weights.json     (made with Keras 3.15 and PyTorch 2.15)
"""
import json

import keras
import numpy as np
import torch

STEPS, RATE = 5, 0.5
rng = np.random.default_rng(3)
x = rng.normal(size=(20, 3)).astype("float32")
y = np.array([0] * 14 + [1] * 4 + [2] * 2)
start = rng.normal(size=(3, 3)).astype("float32")
weights = [20 / (3 * n) for n in np.bincount(y)]

net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)])
net.layers[0].set_weights([start, np.zeros(3, "float32")])
net.compile(keras.optimizers.SGD(RATE), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
history = net.fit(x, y, batch_size=20, epochs=STEPS, class_weight=dict(enumerate(weights)), verbose=0)
keras_weight, keras_bias = net.layers[0].get_weights()

w = torch.tensor(start, requires_grad=True)
b = torch.zeros(3, requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=RATE)
cost = torch.nn.CrossEntropyLoss(weight=torch.tensor(weights).float(), reduction="sum")
mean = torch.nn.CrossEntropyLoss(weight=torch.tensor(weights).float())
# Of other examples than all: with these weights, the mean over all is the same in both conventions.
part = torch.tensor([0, 1, 14, 18])
pytorch_mean = mean(torch.tensor(x)[part] @ w + b, torch.tensor(y)[part]).item()
losses = []
for _ in range(STEPS):
    optimizer.zero_grad()
    value = cost(torch.tensor(x) @ w + b, torch.tensor(y)) / len(y)
    value.backward()
    optimizer.step()
    losses.append(value.item())

print(json.dumps({
    "x": x.ravel().tolist(),
    "y": y.tolist(),
    "start": start.ravel().tolist(),
    "weights": weights,
    "rate": RATE,
    "part": part.tolist(),
    "pytorch_mean": pytorch_mean,
    "keras": {"loss": history.history["loss"], "weight": keras_weight.ravel().tolist(), "bias": keras_bias.tolist()},
    "pytorch": {"loss": losses, "weight": w.detach().ravel().tolist(), "bias": b.tolist()},
}))
