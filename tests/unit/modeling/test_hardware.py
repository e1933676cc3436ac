from __future__ import annotations

import pytest
import torch

from platform_core.modeling import hardware
from platform_core.modeling.hardware import autocast, choose_device, choose_precision, grad_scaler, matmul_precision

CPU, GPU = torch.device("cpu"), torch.device("cuda", 0)


def test_devices():
    assert choose_device("cuda:1") == torch.device("cuda", 1)
    assert choose_device("cpu") == CPU
    assert choose_device().type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize(
    ("capability", "has_bf16", "expected"), [((9, 0), True, "bf16"), ((7, 5), False, "fp16"), ((6, 1), False, "fp32")]
)
def test_the_precision_of_gpus(monkeypatch, capability, has_bf16, expected):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: has_bf16)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert choose_precision("auto", GPU) == expected
    assert choose_precision("tf32", GPU) == "tf32"


@pytest.mark.parametrize(("native", "expected"), [(True, "bf16"), (False, "fp32")])
def test_the_precision_of_cpus(monkeypatch, native, expected):
    monkeypatch.setattr(hardware, "_cpu_multiplies_bf16", lambda: native)
    assert choose_precision("auto", CPU) == expected
    assert choose_precision("fp16", CPU) == "fp16"


@pytest.mark.parametrize(
    ("precision", "expected"),
    [("fp32", torch.float32), ("tf32", torch.float32), ("bf16", torch.bfloat16), ("fp16", torch.float16)],
)
def test_products_are_of_the_precision_again_and_again(precision, expected):
    context = autocast(precision, CPU)
    for _ in range(2):
        with context:
            assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == expected
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32
    assert (grad_scaler(precision, CPU) is not None) == (precision == "fp16")


def test_tf32_is_set_for_gpus_only_and_set_back():
    before = torch.get_float32_matmul_precision()
    with matmul_precision("tf32", CPU):
        assert torch.get_float32_matmul_precision() == before
    with matmul_precision("tf32", GPU):
        assert torch.get_float32_matmul_precision() == "high"
        with matmul_precision("fp32", GPU):
            assert torch.get_float32_matmul_precision() == "highest"
    assert torch.get_float32_matmul_precision() == before
