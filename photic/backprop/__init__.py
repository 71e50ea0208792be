"""Forward and backward propagation, opened up: every number of a network, and how the loss changes with it.

value.py        one number that remembers how it was made: the whole idea in a scalar graph         (Lesson 7)
backward.py     for every layer, the backward formula written by hand
places.py       those of convolution and pools
recurrence.py   those of recurrent layers: backpropagation through time                             (Lessons 17, 18)
loss_slope.py   the same for every loss: where the gradient starts
propagation.py  forward and backward through a whole model, layer by layer                          (Lessons 6, 7)
trace.py        Trace: every forward number and every gradient of some rows
neurons.py      Neuron: one neuron's weights by name, and what excites and silences it
names.py        what the numbers of a layer are called: features where they still are features
text.py         a Trace and a Neuron as tables for the terminal
markup.py       the same as HTML for a notebook
distance.py    how far the gradient reaches back in a sequence                                         (Lesson 18)
check.py        finite differences against any gradient
"""
