"""A training as one function: an objective, a step, an epoch, early stopping, and what they leave behind."""
