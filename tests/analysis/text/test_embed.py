# ruff: noqa: E501, RUF001  (sentences in many scripts, one a line)
"""The embedders: what is near what, in several scripts, and vectors from the log."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.analysis.fakes import FakeArtifacts, FakeCase, RecordingJob
from workbench.analysis.stage import Context
from workbench.analysis.text.embed import embedder_digests, make_embedder, static_embedder
from workbench.analysis.text.vectors import BLOCK, each_block, prompt_count
from workbench.domain.errors import InputError
from workbench.domain.settings import AnalysisSettings

DATA = Path(__file__).parents[4] / "shared" / "data"

#: Three texts a topic; each must be nearer to its own topic than to any other.
TOPICS = {
    "en": [
        ["How do I bake sourdough bread at home?", "My bread dough will not rise, why?",
         "What flour is best for baking bread?"],
        ["Write a Python function that sorts a list", "Fix the bug in this Python loop",
         "How to reverse a list in Python code?"],
        ["What are the symptoms of influenza?", "My child has fever and a cough, which medicine?",
         "Is this fever a symptom of a disease?"],
    ],
    "zh": [
        ["感冒发烧应该吃什么药?", "孩子发烧咳嗽怎么办", "发烧的症状有哪些"],
        ["请写一个Python函数对列表排序", "用Python函数读取列表中的文件", "这段Python函数的列表为什么报错"],
        ["红烧肉怎么做才好吃", "请给我一个红烧肉的菜谱", "做红烧肉要放多少糖"],
    ],
    "ja": [
        ["東京タワーの高さは何メートルですか", "東京タワーはいつ建てられましたか", "東京タワーへの行き方を教えて"],
        ["カレーの作り方を教えてください", "カレーに合う野菜は何ですか", "おいしいカレーのレシピが知りたい"],
        ["富士山の標高はどのくらいですか", "富士山に登るのに必要な装備", "富士山の登山シーズンはいつですか"],
    ],
    "th": [
        ["ฉันจะทำอาหารไทยได้อย่างไร", "สูตรอาหารไทยที่ทำง่าย", "อาหารไทยจานไหนอร่อยที่สุด"],
        ["ประเทศไทยมีกี่จังหวัด", "จังหวัดที่ใหญ่ที่สุดในประเทศไทย", "จังหวัดใดของประเทศไทยอยู่ติดทะเล"],
        ["เขียนโปรแกรมภาษาคอมพิวเตอร์", "โปรแกรมคอมพิวเตอร์คืออะไร", "เรียนเขียนโปรแกรมคอมพิวเตอร์ที่ไหน"],
    ],
    "ru": [
        ["Какая погода будет завтра в Москве?", "Прогноз погоды в Москве на неделю",
         "Когда изменится погода в Москве"],
        ["Напиши функцию сортировки списка", "Как отсортировать список функцией?",
         "Функция возвращает неотсортированный список"],
        ["Рецепт борща со свёклой", "Сколько варить свёклу для борща", "Борщ без свёклы бывает?"],
    ],
    "ar": [
        ["ما هي عاصمة فرنسا ومتى تأسست العاصمة", "كم عدد سكان عاصمة فرنسا", "أين تقع فرنسا"],
        ["كيف أطبخ الأرز مع الدجاج", "وصفة الدجاج مع الأرز", "طريقة تحضير الأرز"],
    ],
    "ko": [
        ["한국의 수도 서울의 인구는 얼마입니까", "서울의 인구가 줄어드는 이유", "서울 인구 통계"],
        ["김치찌개 만드는 방법", "김치찌개에 넣는 재료", "맛있는 김치찌개 레시피"],
    ],
    "de": [
        ["Wie hoch ist der Berliner Fernsehturm?", "Wann wurde der Berliner Fernsehturm gebaut?",
         "Öffnungszeiten Fernsehturm Berlin"],
        ["Rezept für Kartoffelsuppe mit Würstchen", "Wie lange kocht Kartoffelsuppe?",
         "Kartoffelsuppe ohne Sahne zubereiten"],
    ],
}  # fmt: skip


def context(case: FakeCase, **settings: object) -> Context:
    chosen = AnalysisSettings(**settings)  # type: ignore[arg-type]
    return Context("test", chosen, case.engine(), FakeArtifacts(), RecordingJob())


def read_questions(path: Path) -> pa.Table:
    table = pq.read_table(path, columns=["prompt", "source"])
    return pa.table({name: table[name].cast(pa.string()) for name in table.column_names})


@pytest.mark.parametrize("language", TOPICS)
def test_texts_of_one_topic_are_nearest(language: str) -> None:
    texts = [text for topic in TOPICS[language] for text in topic]
    topic = np.repeat(np.arange(len(TOPICS[language])), 3)
    vectors = static_embedder().embed(pa.array(texts))
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -np.inf)
    nearest = topic[similar.argmax(axis=1)]
    assert (nearest == topic).mean() >= 0.75, list(zip(texts, nearest, strict=True))
    same = similar[(topic[:, None] == topic) & ~np.eye(len(topic), dtype=bool)].mean()
    other = similar[topic[:, None] != topic].mean()
    assert same > other + 0.1


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("language", "least"),
    [("ar", 0.38), ("de", 0.28), ("el", 0.35), ("en", 0.5), ("es", 0.32), ("hi", 0.38),
     ("ro", 0.32), ("ru", 0.3), ("th", 0.34), ("tr", 0.26), ("vi", 0.25), ("zh", 0.42)],
)  # fmt: skip
def test_questions_about_one_article_are_near(language: str, least: float) -> None:
    """XQuAD asks about 48 articles in order: of the 5 nearest, how many are close by in it.

    By chance 2 %. The bounds lie under what was measured, above what plain word pieces give.
    """
    path = DATA / "benign" / "xquad_questions.parquet"
    if not path.exists():
        pytest.skip("the real prompt sets are not beside the checkout")
    table = read_questions(path)
    texts = table.filter(pa.compute.ends_with(table["source"], f"xquad.{language}.json"))[
        "prompt"
    ].combine_chunks()
    vectors = static_embedder().embed(texts)
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -np.inf)
    nearest = np.argpartition(-similar, 5, axis=1)[:, :5]
    close = np.abs(nearest - np.arange(len(texts))[:, None]) <= 12
    assert close.mean() >= least


@pytest.mark.real_data
def test_languages_stay_together() -> None:
    path = DATA / "benign" / "multilingual_questions.parquet"
    if not path.exists():
        pytest.skip("the real prompt sets are not beside the checkout")
    table = read_questions(path)
    wanted = {"zh": "miracl-v1.0-zh-train", "ja": "miracl-v1.0-ja-train", "th": "miracl-v1.0-th",
              "ru": "miracl-v1.0-ru-train", "en": "miracl-v1.0-en-train"}  # fmt: skip
    parts = [
        table.filter(pa.compute.match_substring(table["source"], name))["prompt"][:400]
        for name in wanted.values()
    ]
    texts = pa.concat_arrays([part.combine_chunks() for part in parts])
    language = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    vectors = static_embedder().embed(texts)
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -np.inf)
    nearest = np.argpartition(-similar, 5, axis=1)[:, :5]
    assert (language[nearest] == language[:, None]).mean() > 0.9


def test_embedding_is_the_same_however_it_is_sliced() -> None:
    texts = pa.array(["one two", None, "drei", "", "四个字", "five"])
    whole = static_embedder().embed(texts)
    assert not whole[1].any()
    assert not whole[3].any()
    np.testing.assert_array_equal(static_embedder().embed(texts[2:]), whole[2:])
    np.testing.assert_array_equal(static_embedder().embed(texts.cast(pa.large_string())), whole)
    assert static_embedder().embed(texts[:0]).shape == (0, 256)


def test_an_unknown_embedder_names_the_choices() -> None:
    engine = FakeCase().engine()
    for name in ("word2vec", "column:", ""):
        with pytest.raises(InputError, match="static, or column:NAME"):
            make_embedder(name, engine)


def blocks_of(context: Context) -> list[tuple[np.ndarray, np.ndarray]]:
    """(prompt_id, unit vectors), block by block."""
    return list(each_block(context, lambda ids, vectors: (ids, vectors)))


def test_vectors_from_the_log() -> None:
    case = FakeCase(
        [
            {"account_id": "a", "prompt": "one", "embedding": [3.0, 4.0]},
            {"account_id": "a", "prompt": "two", "embedding": [0.0, 2.0]},
            {"account_id": "a", "prompt": "three", "embedding": [1.0, 2.0, 3.0]},
            {"account_id": "a", "prompt": "four"},
            {"account_id": "a", "prompt": "five", "embedding": [float("nan"), 1.0]},
        ]
    )
    blocks = blocks_of(context(case, embedder="column:embedding"))
    ids = np.concatenate([block[0] for block in blocks])
    vectors = np.concatenate([block[1] for block in blocks])
    assert ids.tolist() == [0, 1, 2, 3, 4]
    expected = [[0.6, 0.8], [0, 1], [0, 0], [0, 0], [0, 0]]
    np.testing.assert_allclose(vectors, np.array(expected), atol=1e-7)
    embedder = make_embedder("column:embedding", case.engine())
    assert embedder.dimension == 2
    found = embedder.embed(pa.array(["two", "never seen", "one"]))
    expected = [[0, 1], [0, 0], [0.6, 0.8]]
    np.testing.assert_allclose(found, np.array(expected), atol=1e-7)


def test_a_column_that_no_log_holds_is_the_users_to_mend() -> None:
    case = FakeCase([{"account_id": "a", "prompt": "one"}])
    with pytest.raises(InputError, match="holds any"):
        make_embedder("column:embedding", case.engine())


def test_prompts_stream_in_order_on_any_number_of_threads() -> None:
    case = FakeCase([{"account_id": "a", "prompt": f"prompt number {n}"} for n in range(40_000)])
    one = blocks_of(context(case, jobs=1))
    two = blocks_of(context(case, jobs=2))
    assert prompt_count(context(case)) == 40_000
    assert len(one) == -(-40_000 // BLOCK)
    assert np.array_equal(np.concatenate([b[0] for b in one]), np.arange(40_000))
    for (_, a), (_, b) in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


def test_digests_tell_embedders_apart() -> None:
    assert embedder_digests("static") != embedder_digests("column:embedding")
    assert embedder_digests("column:a") != embedder_digests("column:b")
