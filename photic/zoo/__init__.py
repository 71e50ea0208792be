"""Ready models: specs that are right to start from, one file a family.

mlp.py   the multi-layer perceptron, for tables   (Lesson 5)
"""

from __future__ import annotations

from photic.zoo.mlp import mlp

__all__ = ["mlp"]
