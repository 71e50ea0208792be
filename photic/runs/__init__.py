"""Runs: the main job from data to a saved network, the folders it leaves, and what a saved network can do."""
