#!/usr/bin/env python3
"""The numbers of layers.json: one step of small networks with every kind of layer in PyTorch, float64.

PyTorch's images are channels-first; they are turned here into the channels-last rows that Gradus has.

usage: layers.py > layers.json     (made with PyTorch 2.15)
"""
import json

import torch
import torch.nn.functional as F

torch.manual_seed(0)


def rows(t):
    """Channels-last rows of a channels-first batch."""
    return (t.permute(0, 2, 3, 1) if t.dim() == 4 else t).flatten(1)


def kernel(w):
    """(filters, channels, height, width) to (height, width, channels, filters), as rows."""
    return w.permute(2, 3, 1, 0).reshape(-1, w.shape[0])


def parameter(*shape, scale=0.4):
    return (torch.randn(*shape).float().double() * scale).requires_grad_()


cases = []


def case(name, x, y, params, forward, extra=lambda: {}):
    """params: name -> (tensor, how it is laid out in Gradus). SGD with rate 0.1, one step."""
    z = forward(x)
    cost = F.cross_entropy(z, y)
    cost.backward()
    layout = {k: [f(p.detach()).flatten().tolist(), list(f(p.detach()).shape)] for k, (p, f) in params.items()}
    gradients = {k: f(p.grad).flatten().tolist() for k, (p, f) in params.items()}
    cases.append({"name": name, "x": rows(x).flatten().tolist(), "shape": list(x.permute(0, 2, 3, 1).shape[1:]) if x.dim() == 4 else [x.shape[1]],
                  "y": y.tolist(), "cost": cost.item(), "parameters": layout, "gradients": gradients, **extra()})


same = lambda p: p
bias = lambda p: p.reshape(1, -1)
flat = lambda p: p  # a dense layer on channels-last rows: permuted below


def dense_after(c, h, w, out):
    """Weight of a dense layer in PyTorch's channels-first order, and how to lay it out for channels-last rows."""
    p = parameter(c * h * w, out)
    return p, lambda t: t.reshape(c, h, w, out).permute(1, 2, 0, 3).reshape(-1, out)


for name, (size, stride, padding, channels) in {
    "conv 3x3": (3, 1, 0, 2), "conv 3x3 same": (3, 1, 1, 1), "conv 2x2 stride 2": (2, 2, 0, 3), "conv 5x5 same": (5, 1, 2, 2),
}.items():
    x = torch.randn(9, channels, 6, 7).float().double()
    k, b = parameter(4, channels, size, size), parameter(4)
    out = F.conv2d(x, k, b, stride=stride, padding=padding).shape
    w, lay = dense_after(out[1], out[2], out[3], 3)
    b2 = parameter(3)
    case(name, x, torch.randint(0, 3, (9,)),
         {"conv2d_1.weight": (k, kernel), "conv2d_1.bias": (b, bias), "dense_1.weight": (w, lay), "dense_1.bias": (b2, bias)},
         lambda x: torch.tanh(F.conv2d(x, k, b, stride=stride, padding=padding)).flatten(1) @ w + b2)

for name, pool in {"max": lambda t: F.max_pool2d(t, 2), "average": lambda t: F.avg_pool2d(t, 2)}.items():
    x = torch.randn(5, 1, 7, 8).float().double()
    k, b, k2, b3 = parameter(3, 1, 3, 3), parameter(3), parameter(2, 3, 2, 2), parameter(2)
    f = lambda x: F.conv2d(pool(torch.relu(F.conv2d(x, k, b))), k2, b3)
    out = f(x).shape
    w, lay = dense_after(out[1], out[2], out[3], 3)
    b2 = parameter(3)
    case(f"conv, {name} pool, conv", x, torch.randint(0, 3, (5,)),
         {"conv2d_1.weight": (k, kernel), "conv2d_1.bias": (b, bias), "conv2d_2.weight": (k2, kernel), "conv2d_2.bias": (b3, bias),
          "dense_1.weight": (w, lay), "dense_1.bias": (b2, bias)},
         lambda x: f(x).flatten(1) @ w + b2)

w, b, w2, b2 = parameter(5, 8), parameter(8), parameter(4, 3), parameter(3)
case("maxout", torch.randn(6, 5).float().double(), torch.randint(0, 3, (6,)),
     {"maxout_1.weight": (w, same), "maxout_1.bias": (b, bias), "dense_1.weight": (w2, same), "dense_1.bias": (b2, bias)},
     lambda x: (x @ w + b).reshape(6, 4, 2).amax(2) @ w2 + b2)

w, b, w2, b2 = parameter(5, 4), parameter(4), parameter(4, 3), parameter(3)
gamma, beta = parameter(4, scale=1.0), parameter(4)
norm = torch.nn.BatchNorm1d(4).double()
norm.weight, norm.bias = torch.nn.Parameter(gamma.detach()), torch.nn.Parameter(beta.detach())
case("batch norm", torch.randn(6, 5).float().double(), torch.randint(0, 3, (6,)),
     {"dense_1.weight": (w, same), "dense_1.bias": (b, bias), "batch_norm_1.gamma": (norm.weight, bias), "batch_norm_1.beta": (norm.bias, bias),
      "dense_2.weight": (w2, same), "dense_2.bias": (b2, bias)},
     lambda x: torch.relu(norm(x @ w + b)) @ w2 + b2,
     lambda: {"running": [norm.running_mean.tolist(), norm.running_var.tolist()]})

x = torch.randn(4, 2, 5, 5).float().double()
k, b = parameter(3, 2, 3, 3), parameter(3)
norm2 = torch.nn.BatchNorm2d(3).double()
norm2.weight, norm2.bias = torch.nn.Parameter(parameter(3, scale=1.0).detach()), torch.nn.Parameter(parameter(3).detach())
w, lay = dense_after(3, 3, 3, 3)
b2 = parameter(3)
case("conv, batch norm", x, torch.randint(0, 3, (4,)),
     {"conv2d_1.weight": (k, kernel), "conv2d_1.bias": (b, bias), "batch_norm_1.gamma": (norm2.weight, bias), "batch_norm_1.beta": (norm2.bias, bias),
      "dense_1.weight": (w, lay), "dense_1.bias": (b2, bias)},
     lambda x: torch.relu(norm2(F.conv2d(x, k, b))).flatten(1) @ w + b2,
     lambda: {"running": [norm2.running_mean.tolist(), norm2.running_var.tolist()]})

for name, channels in {"prelu": 4, "conv, prelu": 3}.items():
    conv = "conv" in name
    x = torch.randn(6, 2, 5, 5).float().double() if conv else torch.randn(6, 5).float().double()
    k, b = parameter(channels, 2, 3, 3) if conv else parameter(5, channels), parameter(channels)
    slope = parameter(channels)
    w, lay = dense_after(channels, 3, 3, 3) if conv else (parameter(channels, 3), same)
    b2 = parameter(3)
    first = {"conv2d_1.weight": (k, kernel), "conv2d_1.bias": (b, bias)} if conv else {"dense_1.weight": (k, same), "dense_1.bias": (b, bias)}
    dense = "dense_1" if conv else "dense_2"
    case(name, x, torch.randint(0, 3, (6,)),
         {**first, "prelu_1.slope": (slope, bias), f"{dense}.weight": (w, lay), f"{dense}.bias": (b2, bias)},
         lambda x: F.prelu(F.conv2d(x, k, b) if conv else x @ k + b, slope).flatten(1) @ w + b2)

print(json.dumps(cases))
