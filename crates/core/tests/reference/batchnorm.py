#!/usr/bin/env python3
"""The numbers of batchnorm.json: batch normalisation in PyTorch, float64: three training batches, backward of the last, then
evaluation. `keras_mean` and `keras_variance` are the running statistics by Keras's rule (0.99, variance over n) in the same
arithmetic: Keras itself computes in float32.

usage: batchnorm.py > batchnorm.json     (made with PyTorch 2.15)
"""
import json

import torch

torch.manual_seed(0)
n, units = 7, 3
norm = torch.nn.BatchNorm1d(units).double()  # momentum 0.1, eps 1e-5
with torch.no_grad():
    norm.weight.copy_(torch.tensor([1.5, -0.5, 2.0]))
    norm.bias.copy_(torch.tensor([0.25, 1.0, -3.0]))
batches = [(torch.randn(n, units) * torch.tensor([3.0, 0.1, 1.0]) + torch.tensor([5.0, -2.0, 0.0])).float().double() for _ in range(3)]
keras_mean, keras_variance = torch.zeros(units).double(), torch.ones(units).double()
for x in batches:
    keras_mean = 0.99 * keras_mean + 0.01 * x.mean(0)
    keras_variance = 0.99 * keras_variance + 0.01 * x.var(0, unbiased=False)
for x in batches[:-1]:
    norm(x)
x = batches[-1].requires_grad_()
delta = torch.randn(n, units).float().double()
y = norm(x)
(y * delta).sum().backward()
norm.eval()
test = torch.randn(1, units).float().double()
flat = lambda t: t.detach().flatten().tolist()
print(json.dumps({
    "rows": n, "batches": [flat(b) for b in batches], "gamma": flat(norm.weight), "beta": flat(norm.bias), "delta": flat(delta),
    "y": flat(y), "dx": flat(x.grad), "dgamma": flat(norm.weight.grad), "dbeta": flat(norm.bias.grad),
    "running_mean": flat(norm.running_mean), "running_variance": flat(norm.running_var),
    "keras_mean": flat(keras_mean), "keras_variance": flat(keras_variance),
    "test": flat(test), "test_y": flat(norm(test)),
}))
