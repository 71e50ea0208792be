def find(*a, **k):
    raise NotImplementedError
