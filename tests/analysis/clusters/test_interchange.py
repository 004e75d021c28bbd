"""Interchange: could anybody tell whose prompt it is?"""

import numpy as np
import pytest

from workbench.analysis.clusters.interchange import Sketch
from workbench.kernels.rff import features, frequencies

LANDMARKS, WIDTH = 200, 16


def ground(random: np.random.Generator) -> np.ndarray:
    """Landmarks in ten corners of the space, f32[200, 16], of length 1."""
    corners = random.normal(size=(10, WIDTH))
    found = np.repeat(corners, 20, axis=0) + 0.25 * random.normal(size=(LANDMARKS, WIDTH))
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(found, dtype=np.float32)


def asked(
    random: np.random.Generator, places: list[np.ndarray], words: int = 10**6
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each entity's prompts at given landmarks, wordings drawn from ``words``."""
    entity = np.repeat(np.arange(len(places)), [len(place) for place in places])
    landmark = np.concatenate(places)
    return entity, random.integers(0, words, len(entity)) * LANDMARKS + landmark, landmark


def people(random: np.random.Generator, n: int, each: int) -> list[np.ndarray]:
    """Everybody asks in two corners of their own."""
    return [
        random.choice(10, 2, replace=False)[random.integers(0, 2, each)] * 20
        + random.integers(0, 20, each)
        for _ in range(n)
    ]


def one_list(random: np.random.Generator, n: int, each: int) -> list[np.ndarray]:
    """Everybody asks what comes next on the same list."""
    return [random.integers(0, LANDMARKS, each) for _ in range(n)]


@pytest.mark.parametrize("seed", range(4))
def test_prompts_off_one_list_are_interchangeable_and_those_of_people_are_not(seed: int) -> None:
    random = np.random.default_rng(seed)
    vectors = ground(random)
    places = people(random, 40, 12) + one_list(random, 40, 12)
    sketch = Sketch.of(*asked(random, places), vectors, 80, random)
    of_people, error = sketch.interchange(np.arange(40))
    of_list, error_of_list = sketch.interchange(np.arange(40, 80))
    assert of_people < -5 * np.sqrt(error)
    assert abs(of_list) < 4 * np.sqrt(error_of_list)
    mixed, _ = sketch.interchange(np.arange(20, 60))
    assert of_people < mixed < of_list


def test_it_is_the_ratio_of_two_mean_similarities() -> None:
    """By hand: all pairs of different members, all pairs of one, without shared wordings."""
    random = np.random.default_rng(5)
    vectors = ground(random)
    entity, wording, landmark = asked(random, people(random, 6, 9), words=2)
    entity[entity == 5] = 4  # one that is larger than the others
    sketch = Sketch.of(entity, wording, landmark, vectors, 6, np.random.default_rng(9))
    found, variance = sketch.interchange(np.arange(6))

    again = np.random.default_rng(9)
    left, right = again.integers(0, LANDMARKS, 20_000), again.integers(0, LANDMARKS, 20_000)
    apart = np.linalg.norm(vectors[left] - vectors[right], axis=1)[left != right]
    table = features(
        vectors, frequencies(WIDTH, 256, np.array([0.5 * np.median(apart)]), again)
    ).astype(np.float64)
    once = np.unique(np.stack([entity, wording, landmark]), axis=1)
    between, within = [], []
    for i in range(once.shape[1]):
        for j in range(once.shape[1]):
            similarity = float(table[once[2, i]] @ table[once[2, j]])
            if once[0, i] != once[0, j]:
                if once[1, i] != once[1, j]:
                    between.append(similarity)
            elif i != j:
                within.append(similarity)
    expected = np.log((np.mean(between) + 2e-4) / (np.mean(within) + 2e-4))
    assert found == pytest.approx(expected, abs=1e-4)
    assert 0 < variance < 1


def test_copying_one_another_is_not_what_is_measured() -> None:
    """A published wording that all strangers use counts less than all asking the like of it."""
    random = np.random.default_rng(6)
    vectors = ground(random)
    entity, wording, landmark = asked(random, people(random, 30, 10))

    def with_one_more(word: np.ndarray) -> float:
        also = np.append(entity, np.arange(30)), np.append(wording, word)
        place = np.append(landmark, np.full(30, 7))
        sketch = Sketch.of(*also, place, vectors, 30, np.random.default_rng(1))
        return sketch.interchange(np.arange(30))[0]

    same, like = with_one_more(np.full(30, 7)), with_one_more(-np.arange(30))
    alone = Sketch.of(entity, wording, landmark, vectors, 30, np.random.default_rng(1))
    assert like > same
    assert same == pytest.approx(alone.interchange(np.arange(30))[0], abs=0.2)


def test_a_large_account_does_not_speak_for_all() -> None:
    random = np.random.default_rng(7)
    vectors = ground(random)
    places = [*people(random, 30, 10), random.integers(0, LANDMARKS, 4_000)]
    sketch = Sketch.of(*asked(random, places), vectors, 31, random)
    without, _ = sketch.interchange(np.arange(30))
    with_it, _ = sketch.interchange(np.arange(31))
    assert without < -0.2
    assert with_it < 0.5 * without


def test_what_cannot_be_measured_is_not_assessed() -> None:
    random = np.random.default_rng(8)
    vectors = ground(random)
    nothing = np.empty(0, dtype=np.int64)
    empty = Sketch.of(nothing, nothing, nothing, np.empty((0, WIDTH), np.float32), 5, random)
    assert np.isnan(empty.interchange(np.arange(5))).all()
    assert np.isnan(empty.interchange(nothing)).all()
    entity, wording, landmark = asked(random, people(random, 5, 4))
    unplaced = Sketch.of(entity, wording, np.full_like(landmark, -1), vectors, 5, random)
    assert np.isnan(unplaced.interchange(np.arange(5))).all()
    once = Sketch.of(np.arange(5), np.arange(5), np.arange(5), vectors, 5, random)
    assert np.isnan(once.interchange(np.arange(5))).all(), "one prompt each says nothing"
