"""What an encoder's library must compute, in NumPy and in float64, one text at a time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
_erf = np.vectorize(math.erf, otypes=[np.float64])


class EncoderReference:
    """BERT from the weights as they are stored; texts have no padding here."""

    def __init__(self, c: dict[str, Any], stored: dict[str, npt.NDArray[Any]]) -> None:
        self._c = c
        self._stored = {name: values.astype(np.float64) for name, values in stored.items()}

    def _norm(self, x: Values, name: str) -> Values:
        centred = x - x.mean(-1, keepdims=True)
        variance = (centred**2).mean(-1, keepdims=True)
        gain, shift = self._stored[f"{name}.weight"], self._stored[f"{name}.bias"]
        return centred / np.sqrt(variance + self._c["norm_epsilon"]) * gain + shift

    def _linear(self, x: Values, name: str) -> Values:
        return x @ self._stored[f"{name}.weight"].T + self._stored[f"{name}.bias"]

    def _attend(self, x: Values, place: str) -> Values:
        heads, size = self._c["heads"], self._c["head_size"]
        qkv = self._linear(x, f"{place}.self.qkv").reshape(len(x), 3, heads, size)
        q, k, v = qkv.transpose(1, 2, 0, 3)
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(size)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        mixed: Values = (shares @ v).transpose(1, 0, 2).reshape(len(x), heads * size)
        return mixed

    def _added(self, x: Values, inner: Values, place: str) -> Values:
        return self._norm(x + self._linear(inner, f"{place}.dense"), f"{place}.LayerNorm")

    def embed(self, ids: list[int]) -> Values:
        """The vector of one text, [hidden]."""
        tables = [
            self._stored[f"embeddings.{kind}_embeddings.weight"]
            for kind in ("word", "position", "token_type")
        ]
        total = tables[0][ids] + tables[1][: len(ids)] + tables[2][0]
        x = self._norm(total, "embeddings.LayerNorm")
        for layer in range(self._c["layers"]):
            place = f"encoder.layer.{layer}"
            mixed = self._attend(x, f"{place}.attention")
            x = self._added(x, mixed, f"{place}.attention.output")
            wide = self._linear(x, f"{place}.intermediate.dense")
            x = self._added(x, wide * 0.5 * (1 + _erf(wide / math.sqrt(2))), f"{place}.output")
        pooled: Values = x.mean(0) if self._c["pooling"] == "mean" else x[0]
        return pooled
