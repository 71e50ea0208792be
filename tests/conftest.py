"""What every test runs on: a machine of two devices, as the cores of a laptop, and the same examples every time."""

from __future__ import annotations

import os

import hypothesis

# Read by jax when it is first imported, which the tests do after this line.
os.environ.setdefault("JAX_NUM_CPU_DEVICES", "2")

# No clock and no chance in a test: a busy machine is slow, and what failed once must fail again.
hypothesis.settings.register_profile("photic", deadline=None, derandomize=True, database=None, max_examples=40)
hypothesis.settings.load_profile("photic")
