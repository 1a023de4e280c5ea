#!/usr/bin/env python3
"""The numbers of activations.json: values and derivatives of every activation in PyTorch, float64.

The points are exact in float32, so that both sides see the same z. Infinite results do not occur.

usage: activations.py > activations.json     (made with PyTorch 2.15)
"""
import json

import torch
import torch.nn.functional as F

functions = {
    "linear": lambda z: z * 1,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "ReLU": F.relu,
    "leaky ReLU": lambda z: F.leaky_relu(z, 0.01),
    "ELU": F.elu,
    "SELU": F.selu,
    "softplus": lambda z: F.softplus(z, threshold=1e9),
    "swish": F.silu,
    "mish": F.mish,
    "GELU": F.gelu,
    "GELU (tanh)": lambda z: F.gelu(z, approximate="tanh"),
}
points = [-30.0, -12.0, -5.5, -3.0, -1.25, -1.0, -0.75, -0.125, -0.0009765625, 0.0009765625, 0.25, 1.0, 2.5, 4.0, 9.0, 40.0]
cases = {}
for name, f in functions.items():
    z = torch.tensor(points, dtype=torch.float64, requires_grad=True)
    a = f(z)
    a.sum().backward()
    cases[name] = {"value": a.tolist(), "derivative": z.grad.tolist()}

# PReLU on two rows of three units, cost Σ c a, with its slopes' gradients.
z = torch.tensor([[-2.0, 0.5, -1.0], [3.0, -0.25, -4.0]], dtype=torch.float64, requires_grad=True)
slope = torch.tensor([0.25, 0.5, -0.125], dtype=torch.float64, requires_grad=True)
c = torch.tensor([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]], dtype=torch.float64)
a = F.prelu(z, slope)
(a * c).sum().backward()
prelu = {"z": z.flatten().tolist(), "slope": slope.tolist(), "c": c.flatten().tolist(), "a": a.flatten().tolist(),
         "dz": z.grad.flatten().tolist(), "dslope": slope.grad.tolist()}
print(json.dumps({"points": points, "cases": cases, "prelu": prelu}))
