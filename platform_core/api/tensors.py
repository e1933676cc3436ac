"""Tensors of the Open Inference Protocol: from JSON or bytes to columns of values, and back.

Bytes are those of the binary tensor data extension: little-endian, a string behind its length as four bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from platform_core.api.problems import WrongSchema

Datatype = Literal[
    "BYTES", "FP64", "FP32", "FP16", "INT64", "INT32", "INT16", "INT8", "UINT64", "UINT32", "UINT16", "UINT8", "BOOL"
]

_NUMPY: dict[str, str] = {
    "FP64": "<f8", "FP32": "<f4", "FP16": "<f2", "INT64": "<i8", "INT32": "<i4", "INT16": "<i2", "INT8": "i1",
    "UINT64": "<u8", "UINT32": "<u4", "UINT16": "<u2", "UINT8": "u1", "BOOL": "?",
}  # fmt: skip
_LENGTH = struct.Struct("<I")

Value = str | float | int | None


class InputTensor(BaseModel):
    """A tensor of a request."""

    model_config = ConfigDict(strict=True)

    name: str = Field(min_length=1, description="A field of the model's examples, or a column of its table.")
    shape: list[Annotated[int, Field(ge=0)]] = Field(description="[n] or [n, 1].")
    datatype: Datatype
    parameters: dict[str, Any] = Field(default_factory=dict)
    data: list[Any] | None = Field(None, description="The values; null: missing. None where they follow as bytes.")


@dataclass(frozen=True)
class OutputTensor:
    """A tensor of a response; ``values`` are flat, row by row."""

    name: str
    datatype: Literal["BYTES", "FP32", "BOOL"]
    shape: Sequence[int]
    values: Sequence[Any]
    parameters: dict[str, Any]

    def describe(self) -> dict[str, Any]:
        """Return it for the metadata of a model; the number of rows is any."""
        parameters = {"parameters": self.parameters} if self.parameters else {}
        return {"name": self.name, "datatype": self.datatype, "shape": [-1, *self.shape[1:]]} | parameters

    def as_json(self) -> dict[str, Any]:
        """Return it with its values."""
        return self.describe() | {"shape": list(self.shape), "data": list(self.values)}

    def as_bytes(self) -> tuple[dict[str, Any], bytes]:
        """Return it without its values, and those as bytes."""
        if self.datatype == "BYTES":
            texts = [str(value).encode() for value in self.values]
            content = b"".join(_LENGTH.pack(len(text)) + text for text in texts)
        else:
            content = np.asarray(self.values, dtype=_NUMPY[self.datatype]).tobytes()
        told = {"parameters": self.parameters | {"binary_data_size": len(content)}, "shape": list(self.shape)}
        return self.describe() | told, content


def read_columns(tensors: Sequence[InputTensor], binary: bytes) -> dict[str, list[Value]]:
    """Return the values of each tensor by its name, all of one length.

    Args:
        tensors: of the request.
        binary: what follows the JSON document, for those whose values are bytes.

    Raises:
        WrongSchema: a tensor is not as it says, or they do not fit each other; names the tensor.
    """
    columns: dict[str, list[Value]] = {}
    place = 0
    for tensor in tensors:
        size = tensor.parameters.get("binary_data_size")
        if tensor.name in columns:
            raise _unfit(tensor, "the name is given twice")
        _check_shape(tensor, len(next(iter(columns.values()))) if columns else None)
        if isinstance(size, int) and tensor.data is None:
            columns[tensor.name] = _from_bytes(tensor, binary[place : place + max(0, size)], size)
            place += max(0, size)
        else:
            columns[tensor.name] = _from_json(tensor)
    if place != len(binary):
        raise WrongSchema(
            f"{len(binary):,} bytes follow the JSON document, the tensors take {place:,}",
            where="inputs",
            hint="binary_data_size of each tensor says how many are its own",
        )
    return columns


def _check_shape(tensor: InputTensor, rows: int | None) -> None:
    if not tensor.shape or len(tensor.shape) > 2 or tensor.shape[1:] not in ([], [1]):
        raise _unfit(tensor, f"the shape is {tensor.shape}", "give [n] or [n, 1], one value for each example")
    if tensor.shape[0] == 0:
        raise _unfit(tensor, "it is empty", "give one value for each example")
    if rows is not None and tensor.shape[0] != rows:
        raise _unfit(tensor, f"there are {tensor.shape[0]:,} values, but {rows:,} in the tensors before")


def _from_json(tensor: InputTensor) -> list[Value]:
    if tensor.data is None:
        raise _unfit(tensor, "there are no data", "give them as a list, or as bytes with binary_data_size")
    nested = len(tensor.shape) == 2 and tensor.data and all(isinstance(row, list) for row in tensor.data)
    values = [value for row in tensor.data for value in row] if nested else tensor.data
    if len(values) != tensor.shape[0]:
        raise _unfit(tensor, f"the shape is {tensor.shape}, but there are {len(values):,} values")
    allowed: tuple[type, ...] = (str,) if tensor.datatype == "BYTES" else (int, float)
    for value in values:
        if value is not None and (not isinstance(value, allowed) or isinstance(value, bool)):
            raise _unfit(tensor, f"a value is no {tensor.datatype} but {type(value).__name__}")
    _refuse_bool(tensor)
    return list(values)


def _from_bytes(tensor: InputTensor, content: bytes, size: int) -> list[Value]:
    rows = tensor.shape[0]
    if len(content) != size:
        raise _unfit(tensor, "the body ends before its bytes do")
    _refuse_bool(tensor)
    if tensor.datatype != "BYTES":
        kind = np.dtype(_NUMPY[tensor.datatype])
        if size != rows * kind.itemsize:
            raise _unfit(tensor, f"{size:,} bytes are not {rows:,} of {tensor.datatype}")
        array = np.frombuffer(content, kind)
        if np.isinf(array).any():
            raise _unfit(tensor, "a value is infinite")
        numbers: list[float] = array.tolist()
        return [None if number != number else number for number in numbers]  # NaN is missing
    texts: list[Value] = []
    place = 0
    while place + _LENGTH.size <= size:
        start = place + _LENGTH.size
        place = start + _LENGTH.unpack_from(content, place)[0]
        try:
            texts.append(content[start:place].decode())
        except UnicodeDecodeError:
            raise _unfit(tensor, "a value is no text in UTF-8") from None
    if place != size or len(texts) != rows:
        raise _unfit(tensor, f"its bytes are not {rows:,} strings, each behind its length")
    return texts


def _refuse_bool(tensor: InputTensor) -> None:
    if tensor.datatype == "BOOL":
        raise _unfit(tensor, "no field is BOOL", "give categories as BYTES, numbers as FP64")


def _unfit(tensor: InputTensor, message: str, hint: str = "GET the model's metadata for what it takes") -> WrongSchema:
    return WrongSchema(message, where=f"inputs.{tensor.name[:80]}", hint=hint)
