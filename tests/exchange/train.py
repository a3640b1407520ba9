#!/usr/bin/env python3
"""Trains a model of `ossicle export --torch` further, with any number of processes.

    torchrun --nproc-per-node 2 tests/exchange/train.py digits-torch digits.npy --epochs 3

digits.npy and digits.files.csv are the table that `ossicle features data/digits --model MODEL -o digits.npy` writes. Each
process computes the gradient on its part of a batch, and DistributedDataParallel averages the gradients. The first process
writes the parameters to digits-torch.
"""

import argparse
import csv
import importlib.util
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import nn
from torch.nn.parallel import DistributedDataParallel


def program(folder):
    """The module model.py of a folder."""
    spec = importlib.util.spec_from_file_location("model", Path(folder) / "model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def recordings(table):
    """(name, frames, label) of each recording in a table of `ossicle features`."""
    rows = np.load(table)
    with open(Path(table).with_suffix(".files.csv"), newline="") as file:
        for entry in csv.DictReader(file):
            first = int(entry["first row"])
            yield entry["file"], rows[first : first + int(entry["rows"])], entry["label"]


class Batch(nn.Module):
    """The network on recordings of different lengths, one after the other."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, batch):
        return torch.stack([self.net(frames) for frames in batch])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("table")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch", type=int, default=32, help="recordings in a batch of one process")
    parser.add_argument("--rate", type=float, default=1e-3)
    arguments = parser.parse_args()
    dist.init_process_group("gloo")
    rank, processes = dist.get_rank(), dist.get_world_size()
    torch.set_num_threads(1)
    torch.manual_seed(rank)  # of dropout

    model = program(arguments.folder)
    net = model.load()
    examples = [(torch.from_numpy(frames), net.labels.index(label)) for _, frames, label in recordings(arguments.table)]
    whole = DistributedDataParallel(Batch(net))
    optimizer = torch.optim.Adam(net.parameters(), arguments.rate)
    net.train()
    for epoch in range(arguments.epochs):
        order = np.random.default_rng(epoch).permutation(len(examples))
        mine = order[: len(order) // processes * processes][rank::processes]
        costs = []
        for start in range(0, len(mine), arguments.batch):
            batch = [examples[i] for i in mine[start : start + arguments.batch]]
            log_p = whole([frames for frames, _ in batch])
            cost = F.nll_loss(log_p, torch.tensor([label for _, label in batch]))
            optimizer.zero_grad()
            cost.backward()
            optimizer.step()
            costs.append(cost.item())
        if rank == 0:
            print(f"epoch {epoch + 1}: cost {np.mean(costs):.4f}", flush=True)
    if rank == 0:
        model.save(net)
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
