#!/usr/bin/env python3
"""The numbers of network.json: forward, cost and gradients of small networks in PyTorch, float64.

usage: network.py > network.json     (made with PyTorch 2.15)
"""
import json

import torch

torch.manual_seed(0)
SIZES = [5, 7, 4, 3]
ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": lambda z: torch.nn.functional.leaky_relu(z, 0.01),
}
y = torch.tensor([0, 2, 1, 1, 0, 2])
one_hot = torch.nn.functional.one_hot(y, 3).double()
COSTS = {
    "cross_entropy": lambda z: torch.nn.functional.cross_entropy(z, y),
    "binary_cross_entropy": lambda z: torch.nn.functional.binary_cross_entropy_with_logits(z, one_hot, reduction="sum") / len(y),
    "quadratic": lambda a: ((a - one_hot) ** 2).sum() / (2 * len(y)),
}
x = torch.randn(6, 5, dtype=torch.float64).float().double()
cases = []
for activation, f in ACTIVATIONS.items():
    for cost, c in COSTS.items():
        params = []
        a = x
        for i, (n_in, n_out) in enumerate(zip(SIZES, SIZES[1:])):
            w = (torch.randn(n_in, n_out) * 0.6).double().requires_grad_()
            b = (torch.randn(1, n_out) * 0.3).double().requires_grad_()
            params += [w, b]
            a = a @ w + b
            if i < len(SIZES) - 2:
                a = f(a)
        value = c(a)
        value.backward()
        cases.append({
            "activation": activation,
            "cost": cost,
            "parameters": [p.detach().flatten().tolist() for p in params],
            "outputs": a.detach().flatten().tolist(),
            "value": value.item(),
            "gradients": [p.grad.flatten().tolist() for p in params],
        })
print(json.dumps({"x": x.flatten().tolist(), "y": y.tolist(), "sizes": SIZES, "cases": cases}))
