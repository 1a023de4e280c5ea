#!/usr/bin/env python3
"""The numbers of costs.json: values and gradients of the costs in PyTorch, float64.

usage: costs.py > costs.json     (made with PyTorch 2.15)
"""
import json

import torch
import torch.nn.functional as F

torch.manual_seed(0)
ROWS, COLUMNS = 6, 4
labels = torch.randint(0, COLUMNS, (ROWS,))
one_hot = F.one_hot(labels, COLUMNS).double()
z = (3 * torch.randn(ROWS, COLUMNS)).double()
COSTS = {
    "quadratic": (z, lambda a: ((a - one_hot) ** 2).sum() / (2 * ROWS)),
    "binary": (torch.sigmoid(z), lambda a: F.binary_cross_entropy(a, one_hot, reduction="sum") / ROWS),
    "binary, logits": (z, lambda z: F.binary_cross_entropy_with_logits(z, one_hot, reduction="sum") / ROWS),
    "categorical": (torch.softmax(z, 1), lambda a: F.nll_loss(a.log(), labels)),
    "categorical, logits": (z, lambda z: F.cross_entropy(z, labels)),
    # Keras's convention for weights: the sum divided by the number of examples, not by the sum of their weights.
    "categorical, weighted": (z, lambda z: F.cross_entropy(z, labels, weight=WEIGHTS, reduction="sum") / ROWS),
}
WEIGHTS = torch.tensor([0.5, 1.0, 4.0, 2.5]).double()
cases = []
for name, (x, cost) in COSTS.items():
    x = x.float().double().requires_grad_()
    value = cost(x)
    value.backward()
    cases.append({
        "cost": name,
        "x": x.detach().flatten().tolist(),
        "value": value.item(),
        "gradient": x.grad.flatten().tolist(),
    })
print(json.dumps({"rows": ROWS, "columns": COLUMNS, "y": one_hot.flatten().tolist(), "weights": WEIGHTS.tolist(), "cases": cases}))
