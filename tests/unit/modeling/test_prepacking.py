import pytest
import torch
from torch import nn

from platform_core.modeling import prepacking
from platform_core.modeling.prepacking import PrepackedLinear, prepack


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(48, 96), nn.GELU(), nn.Sequential(nn.Linear(96, 48, bias=False)))


@torch.inference_mode()
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("shape", [(1, 48), (7, 48), (2, 9, 48)])
def test_it_computes_the_same(dtype, shape):
    plain, packed = network().to(dtype), network().to(dtype)
    prepack(packed)
    assert dtype != torch.float32 or isinstance(packed[2][0], PrepackedLinear)
    x = torch.randn(shape).to(dtype)
    torch.testing.assert_close(packed(x), plain(x))


@torch.inference_mode()
def test_where_the_operators_are_missing_the_layers_stay(monkeypatch):
    monkeypatch.setattr(prepacking, "_is_possible", lambda weight: False)
    module = network()
    prepack(module)
    assert type(module[0]) is nn.Linear
