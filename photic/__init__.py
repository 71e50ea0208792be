"""Photic: neural networks a person can see through. This is the contents page: the public names, imported lazily."""

__version__ = "0.1.0"
