#!/usr/bin/env python3
"""The numbers of optimizers.json: 50 steps of PyTorch's optimisers on the same gradients, float64.

Each rule starts from the same 6 numbers and sees, at step t, the gradient that the Rust side sees: g = a * w + b_t, with
fixed a and a list of b. So an error in one step changes all that follow.

usage: optimizers.py > optimizers.json     (made with PyTorch 2.15)
"""
import json

import torch

torch.manual_seed(0)
a = torch.tensor([0.1, 1.0, 10.0, 0.5, 2.0, 0.01], dtype=torch.float64)
start = torch.tensor([1.0, -2.0, 0.3, 4.0, -0.1, 0.0], dtype=torch.float64)
noise = torch.randn(50, 6).double()
RULES = {
    "sgd": lambda p: torch.optim.SGD(p, 0.05),
    "sgd_weight_decay": lambda p: torch.optim.SGD(p, 0.05, weight_decay=0.1),
    "momentum": lambda p: torch.optim.SGD(p, 0.02, momentum=0.9),
    "momentum_weight_decay": lambda p: torch.optim.SGD(p, 0.02, momentum=0.5, weight_decay=0.1),
    "nag": lambda p: torch.optim.SGD(p, 0.02, momentum=0.9, nesterov=True),
    "nag_weight_decay": lambda p: torch.optim.SGD(p, 0.02, momentum=0.9, nesterov=True, weight_decay=0.1),
    "adagrad": lambda p: torch.optim.Adagrad(p, 0.1),
    "adagrad_keras": lambda p: torch.optim.Adagrad(p, 0.1, initial_accumulator_value=0.1, eps=1e-7),
    "adagrad_weight_decay": lambda p: torch.optim.Adagrad(p, 0.1, weight_decay=0.1),
    "rmsprop": lambda p: torch.optim.RMSprop(p, 0.01, alpha=0.9, eps=1e-7),
    "rmsprop_pytorch": lambda p: torch.optim.RMSprop(p, 0.01),
    "rmsprop_weight_decay": lambda p: torch.optim.RMSprop(p, 0.01, alpha=0.9, eps=1e-7, weight_decay=0.1),
    "adadelta": lambda p: torch.optim.Adadelta(p, 1.0, rho=0.95, eps=1e-6),
    "adadelta_pytorch": lambda p: torch.optim.Adadelta(p),
    "adadelta_weight_decay": lambda p: torch.optim.Adadelta(p, 1.0, rho=0.95, eps=1e-6, weight_decay=0.1),
    "adam": lambda p: torch.optim.Adam(p, 0.05),
    "adam_weight_decay": lambda p: torch.optim.Adam(p, 0.05, weight_decay=0.1),
    "adamw": lambda p: torch.optim.AdamW(p, 0.05),
    "adamw_strong": lambda p: torch.optim.AdamW(p, 0.05, weight_decay=0.5),
}
runs = {}
for name, make in RULES.items():
    w = start.clone().requires_grad_()
    rule = make([w])
    path = []
    for b in noise:
        w.grad = a * w.detach() + b
        rule.step()
        path.append(w.detach().tolist())
    runs[name] = path
print(json.dumps({"a": a.tolist(), "start": start.tolist(), "noise": noise.tolist(), "runs": runs}))
