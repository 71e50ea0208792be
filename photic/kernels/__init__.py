"""Kernels: the same mathematics in the form each platform runs fastest; tests/kernels holds all forms to one.

window.py   where a window stands, and what each of its taps sees
conv.py     convolution, and both of its gradients
pool.py     the largest or the mean of every window
norm.py     batch normalisation
recurrent.py  a recurrent cell run along time
"""
