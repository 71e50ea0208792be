"""A small text learned and gone on with: the same seed the same text, memory carried, bad wishes refused."""

import jax
import numpy as np
import pytest

import photic as ph
from photic.cli import main
from photic.errors import PlanError, RequestError, RunError
from photic.export import plain
from photic.runs.generate import generate
from photic.train.predict import outputs, predictions
from photic.train.sample import continued

RNG = np.random.default_rng(0)
NOUNS, VERBS = ["the cat", "a dog", "the bird", "my friend"], ["sees", "hears", "likes"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A network on sentences of a small grammar."""
    folder = tmp_path_factory.mktemp("text")
    words = " ".join(f"{RNG.choice(NOUNS)} {RNG.choice(VERBS)} {RNG.choice(NOUNS)}." for _ in range(600))
    (folder / "book.txt").write_text(words)
    levels = len(set(words))
    model = ph.Model(ph.Embedding(levels, 8, sequence=True), ph.LSTM(32, returns="all"), ph.Dense(levels))
    return ph.fit(folder / "book.txt", model=model, epochs=30, learning_rate=0.02, out=folder / "run")


def test_it_learns_the_grammar(run):
    network = run.scores.network.test["bits"].value
    frequencies = next(each for each in run.scores.contenders if each.name == "frequencies").test["bits"].value
    assert network < 1.0 < frequencies
    assert "bits per character on the" in run.scores.verdict
    assert [each.name for each in run.scores.contenders] == ["network", "frequencies", "n-gram", "lzma"]


def test_what_it_writes_is_in_the_words_of_the_text(run):
    written = run.generate(temperature=0.3, length=200)
    assert len(written) == 200
    whole = {word.strip(".") for word in written.split()[1:-1]}
    known = {word for phrase in (*NOUNS, *VERBS) for word in phrase.split()}
    assert len(whole & known) >= 0.8 * len(whole)


def test_the_same_seed_gives_the_same_text_and_another_another(run):
    assert run.generate(seed=3, length=80) == run.generate(seed=3, length=80) != run.generate(seed=4, length=80)


def test_at_temperature_zero_each_symbol_is_the_most_probable_after_all_before_it(run):
    prompt = "the cat sees "
    written = run.generate(prompt, temperature=0, length=12)
    levels = run.task.classes
    codes = np.array([[levels.index(symbol) for symbol in prompt + written]], np.float32)
    follows = "".join(levels[code] for code in outputs_of(run, codes)[0].argmax(axis=1))
    assert written == follows[len(prompt) - 1 : -1]


def test_the_page_has_samples_and_surprise_and_a_trace_works(run):
    page = run.report().path.read_text()
    assert "Drawn at temperature 0.7" in page
    assert "Where it was surprised" in page
    assert run.trace(3).z.shape[1:] == (144, len(run.task.classes))
    numbers = ph.read(run.plan.source.data).numbers[:4]
    p = run.bundle.preparation.untarget(predictions(run.plan.loss, outputs_of(run, numbers)))
    np.testing.assert_allclose(plain.predict(run.folder, numbers), p, atol=1e-5)  # float32 against float64
    frame = run.predict(run.plan.source.data).to_frame()
    assert frame.columns[:3] == ["window", "step", "next character"]


def outputs_of(run, numbers):
    return outputs(run.model, run.bundle.params, run.bundle.state, numbers.astype(np.float32))


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"temperature": -1}, "temperature: needs a number of at least 0, got -1"),
        ({"length": 0}, "length: needs a whole number from 1 to 100,000, got 0"),
        ({"prompt": "§¶"}, "prompt: needs symbols that the network knows, got '§¶'"),
    ],
)
def test_bad_wishes_are_refused(run, wish, words):
    with pytest.raises(RequestError, match=words):
        run.generate(**wish)


def test_a_network_that_is_not_on_text_is_refused(tmp_path):
    other = ph.fit("iris", epochs=1, folds=0, baselines=False, out=tmp_path / "iris")
    with pytest.raises(RunError, match="needs a network that continues text"):
        generate(other.bundle)


def test_a_network_that_reads_backwards_cannot_go_on():
    model = ph.Model(ph.Embedding(3, 2, sequence=True), ph.LSTM(2, direction="both", returns="all"), ph.Dense(3))
    params, state = model.init(jax.random.key(0), (4,))
    with pytest.raises(PlanError, match="step by step, forward"):
        continued(model, params, state, np.array([1]), 3, temperature=1.0, key=jax.random.key(0))


def test_the_command_prints_the_prompt_and_what_follows(run, capsys):
    assert main(["generate", str(run.folder), "--prompt", "a dog", "--length", "20"]) == 0
    assert capsys.readouterr().out.startswith("a dog")
    assert main(["generate", str(run.folder), "--temperature", "-2"]) == 2
