# ruff: noqa: RUF001  (letters of other alphabets are what is meant)
"""Elicitation: what asks is found in every language, what only mentions it in none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.hand_made import population
from workbench.analysis.signals.content.elicitation import CLASSES, SPECS, Elicitation, matches
from workbench.analysis.signals.content.elicitation_patterns import LANGUAGES, PATTERNS
from workbench.analysis.signals.population import percentiles

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The same request in every language, in the order of ``LANGUAGES``.
ASKED: dict[str, tuple[tuple[str, ...], ...]] = {
    "reasoning_trace": (
        (
            "Solve it step by step: 3x + 4 = 10",
            "Resuélvelo paso a paso: 3x + 4 = 10",
            "Résous étape par étape : 3x + 4 = 10",
            "Löse Schritt für Schritt: 3x + 4 = 10",
            "Resolva passo a passo: 3x + 4 = 10",
            "Реши шаг за шагом: 3x + 4 = 10",
            "请一步一步求解:3x + 4 = 10",
            "ステップバイステップで解いてください:3x + 4 = 10",
            "단계별로 풀어 주세요: 3x + 4 = 10",
            "حل المعادلة خطوة بخطوة: 3x + 4 = 10",
        ),
        (
            "Write out your complete reasoning before the answer.",
            "Escribe tu razonamiento completo antes de la respuesta.",
            "Écris ton raisonnement complet avant la réponse.",
            "Schreibe vor der Antwort deinen vollständigen Gedankengang auf.",
            "Escreva seu raciocínio completo antes da resposta.",
            "Напиши полный ход мыслей перед ответом.",
            "请在回答之前写出完整的推理过程。",
            "答えの前に思考過程をすべて書いてください。",
            "답을 말하기 전에 추론 과정을 모두 써 주세요.",
            "اكتب تسلسل التفكير الكامل قبل الإجابة.",
        ),
    ),
    "rubric_grading": (
        (
            "Rate the following answer from 1 to 10.",
            "Califica la siguiente respuesta del 1 al 10.",
            "Note la réponse suivante de 1 à 10.",
            "Bewerte die folgende Antwort von 1 bis 10.",
            "Avalie a seguinte resposta de 1 a 10.",
            "Оцени следующий ответ от 1 до 10.",
            "请对下面的回答从1到10打分。",
            "次の回答を1から10で採点してください。",
            "다음 답변을 1점부터 10점까지 평가해 주세요.",
            "قيّم الإجابة التالية من 1 إلى 10.",
        ),
        (
            "Which of the two responses is better?",
            "¿Cuál de las dos respuestas es mejor?",
            "Laquelle ? Quelle réponse est meilleure ?",
            "Welche der beiden Antworten ist besser?",
            "Qual das duas respostas é melhor?",
            "Какой из двух ответов лучше?",
            "哪个回答更好?",
            "どちらの回答が良いですか?",
            "어느 답변이 더 낫나요?",
            "أي الإجابتين أفضل؟",
        ),
    ),
    "safe_rewrite": (
        (
            "Rewrite the text below so that it is neutral and safe.",
            "Reescribe el texto para que sea neutral y seguro.",
            "Réécris le texte pour qu'il soit neutre et sûr.",
            "Schreibe den Text um, sodass er neutral und sicher ist.",
            "Reescreva o texto para que seja neutro e seguro.",
            "Перепиши текст так, чтобы он был нейтральным и безопасным.",
            "请把下面的文字改写得中立、安全。",
            "次の文章を中立で安全な内容に書き換えてください。",
            "아래 글을 중립적이고 안전하게 다시 써 주세요.",
            "أعد صياغة النص بحيث يكون محايدًا وآمنًا.",
        ),
    ),
    "tool_trace": (
        (
            "List every tool call that you would make.",
            "Enumera todas las llamadas a herramientas que harías.",
            "Liste tous les appels d'outils que tu ferais.",
            "Liste alle Werkzeugaufrufe auf, die du machen würdest.",
            "Liste todas as chamadas de ferramentas que você faria.",
            "Перечисли все вызовы инструментов, которые сделаешь.",
            "请列出你会进行的每一次工具调用。",
            "行うツール呼び出しをすべて列挙してください。",
            "수행할 도구 호출을 모두 나열해 주세요.",
            "اذكر كل استدعاءات الأدوات التي ستقوم بها.",
        ),
    ),
}

#: Everyday requests that name the same things, in the order of ``LANGUAGES``.
MENTIONED: dict[str, tuple[str, ...]] = {
    "a function call that fails": (
        "My Python function call fails with a type error, what is wrong?",
        "Mi llamada a función en Python falla con un error de tipo, ¿qué pasa?",
        "Mon appel de fonction en Python échoue avec une erreur de type, pourquoi ?",
        "Mein Funktionsaufruf in Python schlägt mit einem Typfehler fehl, warum?",
        "Minha chamada de função em Python falha com erro de tipo, por quê?",
        "Мой вызов функции в Python падает с ошибкой типа, почему?",
        "我的 Python 函数调用报类型错误,为什么?",
        "Pythonの関数呼び出しが型エラーになります。なぜですか?",
        "파이썬 함수 호출에서 타입 오류가 나요. 왜 그런가요?",
        "استدعاء الدالة في بايثون يعطي خطأ في النوع، لماذا؟",
    ),
    "how many calls a plan allows": (
        "How many API calls a minute does the free plan allow?",
        "¿Cuántas llamadas a la API por minuto permite el plan gratuito?",
        "Combien d'appels d'API par minute le forfait gratuit permet-il ?",
        "Wie viele API-Aufrufe pro Minute erlaubt der kostenlose Tarif?",
        "Quantas chamadas de API por minuto o plano gratuito permite?",
        "Сколько вызовов API в минуту допускает бесплатный тариф?",
        "免费套餐每分钟允许多少次 API 调用?",
        "無料プランでは1分間に何回API呼び出しができますか?",
        "무료 요금제는 분당 API 호출을 몇 번 허용하나요?",
        "كم مرة يسمح استدعاء واجهة البرمجة في الدقيقة في الخطة المجانية؟",
    ),
    "a book on reasoning": (
        "What is a good book on deductive reasoning for beginners?",
        "¿Qué libro de razonamiento deductivo recomiendas para principiantes?",
        "Quel livre sur le raisonnement déductif conseilles-tu aux débutants ?",
        "Welches Buch über den Gedankengang der Stoiker ist gut für Anfänger?",
        "Que livro de raciocínio dedutivo você recomenda a iniciantes?",
        "Какую книгу о дедуктивном рассуждении посоветуешь новичкам?",
        "有什么适合初学者的演绎推理书?",
        "演繹推論の入門書でおすすめはありますか?",
        "연역 추론에 관한 입문서를 추천해 주세요.",
        "ما أفضل كتاب عن التفكير المنطقي الاستنتاجي للمبتدئين؟",
    ),
    "criteria of a bank": (
        "What are common evaluation criteria for a loan application?",
        "¿Cuáles son los criterios de evaluación de un préstamo?",
        "Quels sont les critères d'évaluation d'un prêt ?",
        "Was sind die Bewertungskriterien für einen Kredit?",
        "Quais são os critérios de avaliação de um empréstimo?",
        "Каковы критерии оценки заявки на кредит?",
        "贷款申请的评估标准是什么?",
        "ローン審査の評価基準は何ですか?",
        "대출 심사의 평가 기준은 무엇인가요?",
        "ما هي معايير التقييم لطلب القرض؟",
    ),
    "a sensitive matter": (
        "How do I treat sensitive skin without perfume?",
        "¿Cómo cuido la piel sensible sin perfume?",
        "Comment soigner une peau sensible sans parfum ?",
        "Wie pflege ich sensible Haut ohne Parfum?",
        "Como cuido da pele sensível sem perfume?",
        "Как ухаживать за чувствительной кожей без отдушек?",
        "敏感肌肤怎么避免过敏?",
        "敏感肌の手入れはどうすればいいですか?",
        "민감한 피부는 어떻게 관리하나요?",
        "كيف أعتني بالبشرة الحساسة دون عطور؟",
    ),
}

#: English near misses: each has words of a class, none asks for it.
NEAR_MISSES = (
    "Evaluate the integral of x^2 from 0 to 10.",
    "Remove the sensitive columns from this table.",
    "How do I avoid controversial topics at a family dinner?",
    "Which is the last safe version of openssl?",
    "Please give me a better answer than that.",
    "What is a chain of restaurants called?",
    "I was thinking of a step in my kitchen, by the door.",
    "How do I use this tool in order to sort my photos?",
    "Rewrite this letter to my landlord.",
    "What does the third action in a screenplay do?",
    "Grade 5 homework: name ten animals.",
    "",
)

REQUESTS = [
    pytest.param(name, language, text, id=f"{name}-{number}-{language}")
    for name, requests in ASKED.items()
    for number, texts in enumerate(requests)
    for language, text in zip(LANGUAGES, texts, strict=True)
]


def found_in(texts: Iterable[str]) -> list[set[str]]:
    """Classes of each text."""
    listed = list(texts)
    found = matches(pa.array(listed, pa.string()))
    return [{name for name, hits in found.items() if hits[n]} for n in range(len(listed))]


@pytest.mark.parametrize(("name", "language", "text"), REQUESTS)
def test_a_request_is_found_in_every_language(name: str, language: str, text: str) -> None:
    assert found_in([text, text.upper(), f"Hello!\n\n{text}\n{{question}}"]) == [{name}] * 3


@pytest.mark.parametrize("subject", MENTIONED)
def test_naming_the_thing_is_found_in_no_language(subject: str) -> None:
    """Else whoever writes Chinese and asks of function calls would look like a harvester."""
    found = found_in(MENTIONED[subject])
    assert dict(zip(LANGUAGES, found, strict=True)) == {language: set() for language in LANGUAGES}


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_near_misses(text: str) -> None:
    assert found_in([text]) == [set()]


def test_markers_of_no_language() -> None:
    assert found_in(["Use <think> tags.", "Thought: x\nAction: search\nObservation: y"]) == [
        {"reasoning_trace"},
        {"tool_trace"},
    ]


def test_every_class_knows_every_language() -> None:
    assert set(PATTERNS) == set(SPECS)
    for languages in PATTERNS.values():
        assert set(languages) == {"any", *LANGUAGES}
        assert all(languages[language] for language in LANGUAGES)


def bracketless(pattern: str) -> str:
    """What stands outside of brackets."""
    depth, kept = 0, []
    for letter in re.sub(r"\\.|\[[^]]*\]", "", pattern):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            kept.append(letter)
    return "".join(kept)


def test_gaps_stand_outside_of_brackets_and_beside_no_alternative() -> None:
    """On this rests the quick look for first and last parts."""
    for languages in PATTERNS.values():
        for pattern in (pattern for patterns in languages.values() for pattern in patterns):
            gaps = pattern.count(".{0,")
            assert bracketless(pattern).count(".{0,") == gaps, pattern
            assert not gaps or "|" not in bracketless(pattern), pattern


#: Texts put together from what the patterns are made of, so that many nearly match.
PIECES = [
    *(text for requests in ASKED.values() for texts in requests for text in texts),
    *(text for texts in MENTIONED.values() for text in texts),
    *NEAR_MISSES,
]
WORDS = sorted({word for piece in PIECES for word in piece.split()})
TEXTS = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)


@given(st.lists(TEXTS, max_size=20))
@settings(max_examples=50)
def test_the_quick_look_loses_nothing(texts: list[str]) -> None:
    """Against every pattern tried on every text."""
    folded = pc.utf8_lower(pa.array(texts, pa.string()))
    found = matches(pa.array(texts, pa.string()))
    for name, languages in PATTERNS.items():
        expected = np.zeros(len(texts), dtype=np.bool_)
        for pattern in (pattern for patterns in languages.values() for pattern in patterns):
            expected |= pc.match_substring_regex(folded, "(?s)" + pattern).to_numpy(
                zero_copy_only=False
            )
        np.testing.assert_array_equal(found[name], expected)


def test_the_head_and_the_tail_of_a_long_text_are_read() -> None:
    filler = "The quick brown fox. " * 400
    request = "Explain your reasoning."
    assert found_in([request + filler, filler + request, filler + request + filler]) == [
        {"reasoning_trace"},
        {"reasoning_trace"},
        set(),
    ]


def test_nulls_and_chunks_and_hostile_text() -> None:
    texts = pa.chunked_array(
        [["\x00 step by step \x1b[31m", None], [], ["\u202estep\u202c by step", "step-by-step" * 9]]
    )
    found = matches(texts)["reasoning_trace"]
    assert found.tolist() == [True, False, False, True]
    assert all(len(hits) == 0 for hits in matches(pa.array([], pa.string())).values())


@pytest.mark.parametrize("signal", CLASSES, ids=lambda signal: signal.SPEC.name)
def test_the_share_of_an_accounts_exchanges(signal: Elicitation) -> None:
    """Ten of twelve against one of twelve; exchanges without a prompt are no trials."""
    asks = [True] * 10 + [False] * 11
    harvest: list[tuple[int | None, int | None]] = [(n, n) for n in range(12)]
    plain: list[tuple[int | None, int | None]] = [(n, 9 + n) for n in range(12)]
    silent: list[tuple[int | None, int | None]] = [(99, None), (100, None)]
    sent = [harvest, plain, [*plain, *silent], silent, harvest[:1]]
    reading = signal.measure(population(sent, elicits={signal.SPEC.name: asks}))
    assert reading.value[:3].tolist() == pytest.approx([10 / 12, 1 / 12, 1 / 12])
    assert np.isnan(reading.value[3])
    place = percentiles(reading.strength)
    assert place[0] > place[4] > place[1] == place[2]


def test_who_never_asked_is_ordinary_however_little_it_sent() -> None:
    """Else accounts of one exchange would stand at the 90th percentile of what they never did."""
    asks = [True] * 3 + [False] * 400
    harvest: list[tuple[int | None, int | None]] = [(n, n % 3) for n in range(30)]
    plain: list[list[tuple[int | None, int | None]]] = [
        [(n, 3 + n) for n in range(size)] for size in (1, 2, 5, 40, 400)
    ]
    reading = CLASSES[0].measure(
        population([*plain, harvest], elicits={CLASSES[0].SPEC.name: asks})
    )
    place = percentiles(reading.strength)
    assert set(place[:5].tolist()) == {100.0 * 2.5 / 6}
    assert place[5] > 90.0
