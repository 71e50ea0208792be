"""The mathematics of a network, as pure functions on arrays; none of them knows a layer, a model or a training.

activations.py     what a neuron makes of its weighted sum: function, range, where it saturates   (Lesson 2)
losses.py          what training makes small: one value a row, and how the rows are averaged      (Lesson 3)
metrics.py         what a person reads: accuracy, AUC, RMSE ... with a weight for each row
surprise.py        bits per symbol of a text, and perplexity
places.py          targets at every step or pixel, laid out so that a place is a row
initializers.py    the random weights a network starts from
"""
