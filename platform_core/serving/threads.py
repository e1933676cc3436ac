"""Cores: whose networks may use how many."""

import torch


def use_one_core() -> None:
    """Let the networks that this thread computes use one core from now on; those of other threads stay as they are."""
    torch.set_num_threads(1)
