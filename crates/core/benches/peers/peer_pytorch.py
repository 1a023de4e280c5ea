"""The workloads in PyTorch: `pytorch` with its default optimiser, `pytorch-fused` with the fused one, `pytorch-compiled`
with the loss and the fused optimiser's step compiled."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from workloads import BATCH, L2, batches, main

torch.set_num_threads(2)


def network(workload):
    match workload:
        case "A":
            net = nn.Sequential(nn.Linear(784, 30), nn.Sigmoid(), nn.Linear(30, 10))
        case "B":
            net = nn.Sequential(nn.Linear(784, 1024), nn.ReLU(), nn.Dropout(0.5), nn.Linear(1024, 10))
        case "C":
            layers, width = [], 784
            for _ in range(3):
                layers += [nn.Linear(width, 256), nn.BatchNorm1d(256, eps=1e-3, momentum=0.01), nn.ReLU()]
                width = 256
            net = nn.Sequential(*layers, nn.Linear(256, 10))
        case "D":
            net = nn.Sequential(
                nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
                nn.Flatten(), nn.Linear(64 * 5 * 5, 128), nn.ReLU(), nn.Linear(128, 10),
            )  # fmt: skip
        case "E":
            layers, channels = [], 3
            for _ in range(3):
                layers += [nn.Conv2d(channels, 128, 3), nn.ReLU()]
                channels = 128
            net = nn.Sequential(
                *layers, nn.Flatten(), nn.Linear(128 * 26 * 26, 1024), nn.ReLU(), nn.Linear(1024, 10)
            )
    for layer in net:
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            if workload in "BC" and layer.out_features != 10:
                nn.init.kaiming_normal_(layer.weight)
            else:
                nn.init.xavier_normal_(layer.weight)
            nn.init.zeros_(layer.bias)
    return net.to(memory_format=torch.channels_last) if workload in "DE" else net


class Net:
    def __init__(self, peer, workload, train, test, seed):
        torch.manual_seed(seed)
        self.train, self.test = train, test
        self.net = network(workload)
        fused = True if peer != "pytorch" else None
        rates = {"B": 1e-4, "C": 1e-3, "D": 1e-3, "E": 1e-4}
        if workload == "A":
            self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.1, fused=fused)
        else:
            self.optimizer = torch.optim.Adam(self.net.parameters(), lr=rates[workload], fused=fused)

        def loss(x, y):
            z = self.net(x)
            loss = cross_entropy(z, y)
            if workload == "B":
                loss = loss + L2 * self.net[0].weight.square().sum()
            return loss, (z.argmax(1) == y).sum()

        self.loss, self.step = loss, self.optimizer.step
        if peer == "pytorch-compiled":
            self.loss, self.step = torch.compile(loss, dynamic=False), torch.compile(self.step)

    def epoch(self, rows):
        x, y = self.train
        total, right = torch.zeros(()), torch.zeros((), dtype=torch.int64)
        self.net.train()
        for batch in torch.randperm(rows).split(BATCH):
            self.optimizer.zero_grad()
            loss, correct = self.loss(x[batch], y[batch])
            loss.backward()
            self.step()
            total += loss.detach() * len(batch)
            right += correct
        return total.item() / rows, right.item() / rows

    @torch.inference_mode()
    def accuracy(self):
        self.net.eval()
        x, y = self.test
        right = sum((self.net(x).argmax(1) == y).sum().item() for x, y in zip(x.split(1024), y.split(1024)))
        return right / len(y)


def build(peer, workload, train, test):
    def tensors(pair):
        if pair is None:
            return None
        x, y = torch.from_numpy(pair[0]), torch.from_numpy(pair[1]).long()
        # (n, channels, height, width) to PyTorch, with the channels of a pixel beside each other in memory.
        return (x.permute(0, 3, 1, 2) if x.ndim == 4 else x), y

    train, test = tensors(train), tensors(test)
    return lambda seed: Net(peer, workload, train, test, seed)


main(["pytorch", "pytorch-fused", "pytorch-compiled"], build)
