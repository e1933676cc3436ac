"""The processes that train one model together, and what they say to each other.

Data parallelism without hooks in the backward pass: each process adds up the gradients of its own share, pass by pass,
and one sum over all processes follows, with the loss and stop requests in the same message. So a process may cut its
passes smaller when memory runs out, or have no example in a batch at all, and nobody waits for a message that never
comes.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, distributed, nn

from platform_core.finetune.loop.devices import LEADER, PATIENCE, POLL_SECONDS, LostPeer, Rank, Workers, meeting_point


class Group:
    """The processes that train together, seen from one of them; alone by default.

    Attributes:
        index: number of the process; the first one checkpoints and reports.
        size: number of processes.
    """

    def __init__(self, index: int = 0, size: int = 1) -> None:
        self.index = index
        self.size = size

    @property
    def is_first(self) -> bool:
        """Whether it speaks for all."""
        return self.index == 0

    def sum(self, tensor: Tensor) -> None:
        """Replace ``tensor`` by its sum over all processes.

        Raises:
            LostPeer: another process is gone.
        """
        self._together(lambda: distributed.all_reduce(tensor))

    def follow_first(self, tensors: Sequence[Tensor]) -> None:
        """Replace ``tensors`` by those of the first process."""

        def follow() -> None:
            for tensor in tensors:
                distributed.broadcast(tensor.detach(), 0)

        self._together(follow)

    def wait(self) -> None:
        """Wait until all processes are here."""
        self._together(distributed.barrier)

    def _together(self, talk: Callable[[], object]) -> None:
        if self.size == 1:
            return
        try:
            talk()
        except RuntimeError as error:
            raise LostPeer(f"another process of the run is gone: {error}") from error


@contextmanager
def joined(rank: Rank, device: torch.device, workers: Workers | None = None) -> Iterator[Group]:
    """Join the group that ``rank`` belongs to; leave it at the end.

    Args:
        rank: of this process.
        device: where it computes; decides how processes talk.
        workers: the others, in the process that started them.

    Raises:
        LostPeer: a worker died before it came.
    """
    if rank.size == 1:
        yield Group()
        return
    store = workers.store if workers else None
    if store is None:
        _leave_with_leader()
        store = meeting_point(rank, opens=False)
    store.set(f"here/{rank.index}", "yes")
    while workers and not store.check([f"here/{index}" for index in range(rank.size)]):
        workers.check()
        time.sleep(POLL_SECONDS / 4)
    if device.type == "cuda":
        torch.cuda.set_device(rank.device(device))
    threads = torch.get_num_threads()
    torch.set_num_threads(min(threads, rank.threads))
    distributed.init_process_group(
        "nccl" if device.type == "cuda" else "gloo",
        store=store,
        rank=rank.index,
        world_size=rank.size,
        timeout=PATIENCE,
    )
    try:
        yield Group(rank.index, rank.size)
    finally:
        distributed.destroy_process_group()
        torch.set_num_threads(threads)


class GradientSum:
    """Adds gradients up over all processes in one message, which also carries the loss and stop requests.

    Args:
        parameters: what is trained.
        group: the processes.
    """

    def __init__(self, parameters: Sequence[nn.Parameter], group: Group) -> None:
        self._parameters = list(parameters)
        self._group = group
        sizes = [p.numel() for p in self._parameters]
        self._message = torch.zeros(sum(sizes) + len(sizes) + 2, device=self._parameters[0].device)
        flat, self._present, self._extras = torch.split(self._message, [sum(sizes), len(sizes), 2])
        self._gradients = [g.view_as(p) for g, p in zip(torch.split(flat, sizes), self._parameters, strict=True)]

    @torch.no_grad()
    def __call__(self, loss: Tensor, stop: bool) -> tuple[Tensor, bool]:
        """Put the sums in the place of the gradients; return the summed loss, and whether any process wants to stop."""
        self._message.zero_()
        present = [p.grad is not None for p in self._parameters]
        pairs = [(g, p.grad) for g, p in zip(self._gradients, self._parameters, strict=True) if p.grad is not None]
        if pairs:
            torch._foreach_copy_([g for g, _ in pairs], [grad for _, grad in pairs])
        self._present.copy_(torch.tensor(present, dtype=torch.float32))
        self._extras[0].copy_(loss)
        self._extras[1] = float(stop)
        self._group.sum(self._message)
        for parameter, gradient, count in zip(self._parameters, self._gradients, self._present.tolist(), strict=True):
            parameter.grad = gradient if count else None
        total, stops = self._extras.clone()
        return total, bool(stops)


def _leave_with_leader() -> None:
    """End this process when the one that started it has died without a word, even before this one came so far."""
    leader = int(os.environ[LEADER])

    def watch() -> None:
        while os.getppid() == leader:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="leader").start()
