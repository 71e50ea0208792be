"""Experiments: many trainings as lanes of one compiled program, what they score, and how sure that is."""
