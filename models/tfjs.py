"""Reads TensorFlow.js graph models: a JSON file of nodes in TensorFlow's own words, and files of weights."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

STORED_TYPES: Final = {"float32": "<f4", "int32": "<i4", "float16": "<f2"}


class UnexpectedGraphError(ValueError):
    """The file is not a graph of the kind that this reader and its writer know."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operation of TensorFlow."""

    name: str
    operation: str
    inputs: tuple[str, ...]
    """Names of nodes; `name:1` is the second output of a node that has several."""
    attributes: Mapping[str, Any]

    def flag(self, name: str) -> bool:
        """A boolean attribute, false where it is left out."""
        return bool(self.attributes.get(name, {}).get("b", False))

    def number(self, name: str) -> float:
        """A float attribute."""
        return float(self.attributes[name]["f"])

    def integer(self, name: str) -> int:
        """An integer attribute, 0 where it is left out."""
        return int(self.attributes.get(name, {}).get("i", 0))

    def integers(self, name: str) -> list[int]:
        """A list of integers, empty where it is left out."""
        return [int(value) for value in self.attributes.get(name, {}).get("list", {}).get("i", [])]

    def word(self, name: str) -> str:
        """A string attribute: the format writes it in base 64, or as a list of bytes."""
        stored = self.attributes[name]["s"]
        return (base64.b64decode(stored) if isinstance(stored, str) else bytes(stored)).decode("ascii")


@dataclass(frozen=True, slots=True)
class TfjsGraph:
    """Nodes by name, and the values of those that are constants."""

    nodes: Mapping[str, Node]
    constants: Mapping[str, Array]

    def ordered(self, outputs: Sequence[str], inputs: Sequence[str]) -> list[Node]:
        """The nodes that the outputs need, each after those that it reads; nothing before `inputs` is followed.

        Raises:
            UnexpectedGraphError: a name is not in the graph, or the nodes run in a circle (a loop of TensorFlow 1).
        """
        needs: dict[str, list[str]] = {}
        waiting = list(reversed(outputs))
        while waiting:
            name = waiting.pop()
            if name in needs:
                continue
            if name not in self.nodes:
                raise UnexpectedGraphError(f"the graph has no node {name}")
            before = [] if name in inputs else [node_of(value) for value in self.nodes[name].inputs]
            needs[name] = before
            waiting.extend(reversed(before))
        try:
            order = list(TopologicalSorter(needs).static_order())
        except ValueError as error:
            raise UnexpectedGraphError("the graph runs in a circle") from error
        return [self.nodes[name] for name in order]


def node_of(value: str) -> str:
    """Name of the node that gives a value."""
    return value.partition(":")[0]


def read_tfjs(model: bytes, weights: Sequence[bytes]) -> TfjsGraph:
    """Read a graph model from the bytes of its JSON file and of its weight files, in the order of its manifest.

    Raises:
        UnexpectedGraphError: the bytes are no such model, or the weights are not all there.
    """
    try:
        document = json.loads(model)
        nodes = [_node(entry) for entry in document["modelTopology"]["node"]]
        (group,) = document["weightsManifest"]
        constants = _constants(group["weights"], b"".join(weights))
    except (ValueError, KeyError, TypeError) as error:
        raise UnexpectedGraphError(f"not a graph model: {type(error).__name__}: {error}") from error
    return TfjsGraph({node.name: node for node in nodes}, constants)


def _node(entry: Mapping[str, Any]) -> Node:
    inputs = tuple(name for name in entry.get("input", ()) if not name.startswith("^"))
    return Node(entry["name"], entry["op"], inputs, entry.get("attr", {}))


def _constants(entries: Sequence[Mapping[str, Any]], data: bytes) -> dict[str, Array]:
    """Cut the weights out of the data; half precision becomes float32, integers int64, as ONNX wants them."""
    constants = {}
    at = 0
    for entry in entries:
        stored = np.dtype(STORED_TYPES[entry.get("quantization", {}).get("dtype", entry["dtype"])])
        shape = tuple(entry["shape"])
        count = int(np.prod(shape, dtype=np.int64))
        values = np.frombuffer(data, stored, count, at).reshape(shape)
        constants[entry["name"]] = values.astype(np.int64 if stored.kind == "i" else np.float32)
        at += count * stored.itemsize
    if at != len(data):
        raise UnexpectedGraphError(f"{len(data) - at} bytes of weights belong to nothing")
    return constants
