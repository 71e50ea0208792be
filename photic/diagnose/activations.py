"""Rules about activations: none where one is needed, two where one is enough, flat ones, dead neurons."""

from __future__ import annotations

from photic.diagnose import changes, measures, network
from photic.diagnose.advice import Advice
from photic.diagnose.evidence import Evidence
from photic.diagnose.finding import Finding
from photic.layers import BatchNorm, Dense, LayerNorm, ReLU
from photic.layers.activation import ActivationLayer

#: So many of a layer's neurons are dead, or so many of its inputs lie where it is flat.
DEAD, FLAT = 0.5, 0.5
#: So many dead neurons let nothing through, whatever the network knows without them.
ALL_DEAD = 0.95


def missing(evidence: Evidence) -> Finding | None:
    """Weighted sums of weighted sums, which are one weighted sum."""
    pairs = network.neighbours(evidence.setup, passes=(BatchNorm, LayerNorm))
    bare = [(path, first) for path, first, _, second in pairs if isinstance(first, Dense) and isinstance(second, Dense)]
    if not bare:
        return None
    path, first = bare[0]
    words = f"{path} Dense({first.units}) is followed by another weighted sum without an activation between them;"
    words += " the two together can say no more than one of them."
    advice = Advice("Put a ReLU after every hidden layer.", changes.bends_between(ReLU()))
    return Finding("activation missing", "problem", words, where=path, advice=advice)


def doubled(evidence: Evidence) -> Finding | None:
    """An activation of an activation, or a softmax inside the network."""
    setup = evidence.setup
    pairs = list(network.neighbours(setup))
    for _, first, path, second in pairs:
        if isinstance(first, ActivationLayer) and isinstance(second, ActivationLayer):
            words = f"{path} {second!r} takes what {first!r} made, not a weighted sum: what one squeezes or cuts off,"
            words += " the other gets."
            advice = Advice("Keep one of the two activations.", changes.single_bends)
            return Finding("activation doubled", "problem", words, where=path, advice=advice)
    for _, first, path, second in pairs:
        if network.bent(first) == "softmax" and isinstance(second, Dense):
            words = f"A softmax stands inside the network, before {path} {second!r}: its outputs add up to 1,"
            words += " so little of each row gets through."
            advice = Advice("Put a ReLU in its place.", changes.single_bends)
            return Finding("activation doubled", "problem", words, where=path, advice=advice)
    return None


def saturation(evidence: Evidence) -> Finding | None:
    """Activations that are flat at most of what comes in."""
    found = _flattest(evidence)
    if found is None or not measures.harmed(evidence):
        return None
    path, share, epoch = found
    words = f"At epoch {epoch}, {share:.0%} of what comes into {path} lies where its activation is flat:"
    words += " hardly any gradient comes back through it."
    advice = Advice("Put ReLU in place of the hidden activations.", changes.hidden_bends(ReLU()))
    return Finding("saturation", "problem", words, where=f"{path}, epoch {epoch}", sure=0.8, advice=advice)


def dead_units(evidence: Evidence) -> Finding | None:
    """Neurons that answer the same for every row."""
    found = _deadest(evidence)
    if found is None or not (found[1] >= ALL_DEAD or measures.harmed(evidence)):
        return None
    path, share, epoch = found
    words = (
        f"At epoch {epoch}, {share:.0%} of the neurons of {path} give the same answer for every row they were shown."
    )
    advice = Advice("Start the weights at the usual size, with biases at 0.", changes.fresh_start)
    return Finding("dead units", "problem", words, where=f"{path}, epoch {epoch}", sure=0.8, advice=advice)


def stuck(evidence: Evidence) -> bool:
    """Whether most of a layer is dead or flat, harm or not."""
    return _deadest(evidence) is not None or _flattest(evidence) is not None


def _deadest(evidence: Evidence) -> tuple[str, float, int] | None:
    return _worst(evidence, "dead", DEAD, set(network.KINDS))


def _flattest(evidence: Evidence) -> tuple[str, float, int] | None:
    return _worst(evidence, "saturated", FLAT, {"sigmoid", "tanh"})


def _worst(evidence: Evidence, measure: str, least: float, names: set[str]) -> tuple[str, float, int] | None:
    """The layer where a measure is largest at the last inspection, when it is at least so much there."""
    last = measures.at_last(evidence)
    kinds = {path: network.bent(layer) for path, layer in network.walk(evidence.setup).items()}
    end = f"layers.{len(evidence.setup.layers) - 1}"  # the last layer's flatness is the loss's own matter
    inner = [path for path in kinds if path != end]
    shares = {path: last.get(path, {}).get(measure, 0.0) for path in inner if kinds[path] in names}
    path = max(shares, key=shares.__getitem__, default="")
    if not path or not shares[path] >= least:
        return None
    epoch = max(lines[-1]["epoch"] for lines in evidence.inspected.values())
    return path, shares[path], epoch
