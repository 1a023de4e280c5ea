"""A recipe in PyTorch: `pytorch` with the fused optimiser where there is one, `pytorch-compiled` with the cost and the step of
the optimiser compiled."""

import torch
from torch import nn
from torch.nn import functional as F

from draws import main

ACTIVATIONS = {
    "Sigmoid": nn.Sigmoid, "Tanh": nn.Tanh, "Relu": nn.ReLU, "LeakyRelu": nn.LeakyReLU, "Elu": nn.ELU, "Selu": nn.SELU,
    "Softplus": nn.Softplus, "Swish": nn.SiLU, "Mish": nn.Mish, "Gelu": nn.GELU,
    "GeluTanh": lambda: nn.GELU("tanh"), "Linear": nn.Identity,
}  # fmt: skip


class Maxout(nn.Module):
    def __init__(self, n_in, units, pieces):
        super().__init__()
        self.linear, self.units, self.pieces = nn.Linear(n_in, units * pieces), units, pieces

    def forward(self, x):
        return self.linear(x).view(len(x), self.units, self.pieces).amax(2)


def set_weights(module, w, b):
    with torch.no_grad():
        module.weight.copy_(torch.from_numpy(w))
        module.bias.copy_(torch.from_numpy(b))
    return module


def network(recipe, dropout):
    layers, image = [], recipe.input if len(recipe.input) == 3 else None
    for layer in recipe.layers:
        kind = layer["kind"]
        if kind in ("dense", "maxout"):
            w, b = layer["weights"]
            if image:
                layers.append(nn.Flatten())
                # The pixels of a channel stand together here, the channels of a pixel there.
                w = w.reshape(*image, -1).transpose(2, 0, 1, 3).reshape(len(w), -1)
                image = None
            if kind == "maxout":
                module = Maxout(len(w), layer["units"], layer["pieces"])
                set_weights(module.linear, w.T.copy(), b)
            else:
                module = set_weights(nn.Linear(*w.shape), w.T.copy(), b)
        elif kind == "conv2d":
            w, b = layer["weights"]
            size, stride = layer["size"], layer["stride"]
            same = layer["padding"] == "Same"
            module = nn.Conv2d(w.shape[2], w.shape[3], size, stride, padding=size // 2 if same else 0)
            set_weights(module, w.transpose(3, 2, 0, 1).copy(), b)
            image = [(side - (0 if same else size - 1) - 1) // stride + 1 for side in image[:2]] + [w.shape[3]]
        elif kind == "batch_norm":
            norm = nn.BatchNorm2d if image else nn.BatchNorm1d
            gamma, beta = layer["weights"]
            module = set_weights(norm(len(gamma), eps=1e-3, momentum=0.01), gamma, beta)
        elif kind == "activation":
            f = ACTIVATIONS[layer["of"]]
            module = f() if layer["value"] is None else f(layer["value"])
        elif kind == "prelu":
            (slope,) = layer["weights"]
            module = nn.PReLU(len(slope))
            with torch.no_grad():
                module.weight.copy_(torch.from_numpy(slope))
        elif kind == "dropout":
            module = nn.Dropout(layer["p"]) if dropout else nn.Identity()
        else:
            module = (nn.MaxPool2d if kind == "max_pool" else nn.AvgPool2d)(layer["size"])
            image = [side // layer["size"] for side in image[:2]] + [image[2]]
        layers.append(module)
    net = nn.Sequential(*layers)
    return net.to(memory_format=torch.channels_last) if len(recipe.input) == 3 else net


def optimizer(rule, parameters):
    eta, decay = rule["learning_rate"], {"weight_decay": rule["weight_decay"]}
    match rule["name"]:
        case "sgd":
            return torch.optim.SGD(parameters, lr=eta, fused=True, **decay)
        case "momentum" | "nag" as name:
            return torch.optim.SGD(parameters, lr=eta, momentum=0.9, nesterov=name == "nag", fused=True, **decay)
        case "adagrad":
            return torch.optim.Adagrad(parameters, lr=eta, fused=True, **decay)
        case "rmsprop":
            return torch.optim.RMSprop(parameters, lr=eta, alpha=0.9, eps=1e-7, foreach=True, **decay)
        case "adadelta":
            return torch.optim.Adadelta(parameters, lr=eta, rho=0.95, eps=1e-6, foreach=True, **decay)
        case "adam":
            return torch.optim.Adam(parameters, lr=eta, fused=True, **decay)
        case "adamw":
            return torch.optim.AdamW(parameters, lr=eta, weight_decay=0.01, fused=True)


class Net:
    def __init__(self, peer, recipe):
        torch.manual_seed(0)
        self.recipe = recipe
        x, y = (torch.from_numpy(part) for part in recipe.data)
        # (n, channels, height, width) to PyTorch, with the channels of a pixel beside each other in memory.
        self.x = x.permute(0, 3, 1, 2) if x.ndim == 4 else x
        self.y = y.long() if recipe.classes else y
        torch._dynamo.reset()
        self.loss, self.step, self.zero = self.parts(True)
        if peer == "pytorch-compiled":
            self.loss, self.step = torch.compile(self.loss, dynamic=False), torch.compile(self.step)

    def parts(self, dropout):
        """A network at its start, as functions: the cost of a batch, a step of the optimiser, the gradients' end."""
        recipe, net = self.recipe, network(self.recipe, dropout)
        rule, clip = optimizer(recipe.rule, net.parameters()), recipe.rule["clip"]
        parameters = list(net.parameters())

        def loss(x, y):
            z = net(x)
            match recipe.cost:
                case "CrossEntropy":
                    return F.cross_entropy(z, y), (z.argmax(1) == y).sum()
                case "BinaryCrossEntropy":
                    return F.binary_cross_entropy_with_logits(z, y, reduction="sum") / len(y), None
            return (z - y).square().sum() / (2 * len(y)), None

        def step():
            if clip:
                nn.utils.clip_grad_norm_(parameters, clip)
            rule.step()

        return loss, step, rule.zero_grad

    def costs(self, count):
        loss, step, zero = self.parts(False)
        batch = self.recipe.batch
        for _ in range(count):
            zero()
            cost, _ = loss(self.x[:batch], self.y[:batch])
            cost.backward()
            step()
            yield cost.item()

    def epoch(self):
        total, right = torch.zeros(()), torch.zeros((), dtype=torch.int64)
        for rows in torch.randperm(len(self.y)).split(self.recipe.batch):
            self.zero()
            loss, correct = self.loss(self.x[rows], self.y[rows])
            loss.backward()
            self.step()
            total += loss.detach()
            if correct is not None:
                right += correct
        return total.item(), right.item()


main(["pytorch", "pytorch-compiled"], Net)
