"""Gradient descent: rules (which way), schedules (how far, when) and the step that joins them."""
