"""Elicitation: requests that ask for what trains another model, not for an answer.

Four classes, each a signal of its own: a written-out reasoning trace, grading by a rubric (the
model as reward model), a safe rewrite of something sensitive, and a tool-use trace. Patterns in
several languages, each class in every language that any class has, so that no language is
easier to match. A pattern is a lead, not a verdict: teachers grade and developers write tools.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.analysis.signals.population import Reading, share, shrunken_share
from workbench.domain.signal import Axis, SignalSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.analysis.signals.population import Population

#: Characters of a prompt that are read: the request stands at its beginning, or at its end.
_HEAD = 1_500

#: RE2, case folded. Languages: English, Spanish, French, German, Portuguese, Russian, Chinese,
#: Japanese, Korean, Arabic.
PATTERNS: Final[dict[str, tuple[str, ...]]] = {
    "reasoning_trace": (
        r"step[- ]by[- ]step",
        r"chain[- ]of[- ]thought",
        r"\b(show|write|articulate|explain|give|describe|include)\b.{0,40}"
        r"\b(reasoning|thought process|thinking|working|derivation)\b",
        r"\b(think|reason) (aloud|out loud|carefully before)",
        r"internal (reasoning|monologue)",
        r"<think(ing)?>|<reasoning>|<scratchpad>",
        r"paso a paso|razonamiento",
        r"étape par étape|raisonnement",
        r"schritt für schritt|gedankengang",
        r"passo a passo|raciocínio",
        r"шаг за шагом|пошагово|ход рассуждений|рассуждени",
        r"一步一步|逐步(推理|思考|解|分析)|思维链|推理过程|思考过程",
        r"ステップバイステップ|段階的に|思考過程|推論過程",
        r"단계별로|단계적으로|추론 과정|사고 과정",
        r"خطوة بخطوة|التفكير المنطقي",
    ),
    "rubric_grading": (
        r"\b(rate|score|grade|evaluate|judge|assess)\b.{0,80}"
        r"\b(1|one|0|zero)\b.{0,6}\b(to|-|and)\b.{0,6}\b(5|five|7|10|ten|100)\b",
        r"\brubric\b|\bgrading criteria\b",
        r"which (of the )?(two |following )?(response|answer|completion)s? is better",
        r"\b(better|preferred) (response|answer|completion)\b|\bresponse a\b.{0,400}\bresponse b\b",
        r"(califica|puntúa|evalúa).{0,60}(1|0) (a|al) (5|10|100)|rúbrica",
        r"(note|évalue|évaluez|notez).{0,60}(1|0) (à|a) (5|10|20|100)|grille d'évaluation",
        r"(bewerte|beurteile).{0,60}(1|0) bis (5|10|100)|bewertungsraster",
        r"(avalie|pontue).{0,60}(1|0) a (5|10|100)|rubrica",
        r"(оцени|оцените).{0,60}от (1|0) до (5|10|100)|критерии оценки",
        r"评分标准|打分|(从|按).{0,6}(1|0).{0,3}(到|至|-).{0,3}(5|10|100).{0,4}分|哪个回答更好",
        r"採点基準|評価基準|(1|0)から(5|10|100).{0,8}(採点|評価)|どちらの回答",
        r"채점 기준|평가 기준|(1|0)점?(에서|부터) ?(5|10|100)점",
        r"قيّم.{0,60}من (1|0) إلى (5|10|100)|معايير التقييم",
    ),
    "safe_rewrite": (
        r"\b(rewrite|rephrase|reword|revise)\b.{0,80}"
        r"\b(safe|harmless|neutral|acceptable|appropriate|sensitive|censor|polic(y|ies))",
        r"\b(avoid|without|remove)\b.{0,40}\b(sensitive|controversial|political)\b",
        r"\b(safe|harmless|refusal|compliant) (version|response|answer|rewrite)\b",
        r"reescrib.{0,80}(segur|neutral|sensible)",
        r"(réécri|reformul).{0,80}(sûr|neutre|sensible|inoffensi)",
        r"(schreib|formulier).{0,40}um.{0,60}(sicher|neutral|harmlos|sensib)|umformulier",
        r"(reescrev|reformul).{0,80}(segur|neutr|sensív)",
        r"(перепиши|перефразируй).{0,80}(безопасн|нейтральн|чувствительн)",
        r"(改写|重写|改成).{0,40}(安全|中立|合规|敏感|无害)|(避免|去除|删除).{0,12}敏感",
        r"(書き換え|言い換え|書き直).{0,40}(安全|中立|無害)|(安全|中立|無害).{0,30}(書き換え|言い換え)",
        r"(다시 쓰|바꿔 쓰|수정).{0,40}(안전|중립|무해)|(안전|중립|무해).{0,30}(다시 쓰|바꿔)",
        r"(أعد كتابة|أعد صياغة).{0,80}(آمن|محايد|حساس)",
    ),
    "tool_trace": (
        r"\b(list|write|show|output|give|generate|plan)\b.{0,60}"
        r"\b(tool|function|api)[- ](call|use|invocation)s?\b",
        r"\b(thought|action|observation)s?:\s.{0,400}\b(action|observation)s?:",
        r"\b(call|use|access|invoke)\b.{0,30}\b(tool|api|plugin|function)s?\b.{0,60}"
        r"\b(step|sequence|trace|order|trajectory)",
        r"\b(tool|agent) trajectory\b",
        r"llamadas? a (herramienta|función|funciones|la api)",
        r"appels? (d'outil|de fonction|d'api|à l'api)",
        r"(werkzeug|funktions|api)-?aufruf",
        r"chamadas? (de|da|à) (ferramenta|função|funções|api)",
        r"вызов(ы|ов)? (инструмент|функци|api)",
        r"(工具|函数|接口|api).{0,4}调用|调用.{0,8}(工具|函数|接口|api)",
        r"(ツール|関数|api).{0,4}(呼び出|コール)",
        r"(도구|함수|api).{0,3}호출",
        r"استدعاء (الأدوات|الأداة|الدوال|واجهة)",
    ),
}

_SOURCE = "Publicly reported hallmarks (METHODS 0, A8); patterns are our own"
_EVADES = "Wording that no pattern knows; reasoning that the model returns unasked."
SPECS: Final[dict[str, SignalSpec]] = {
    name: SignalSpec(name, Axis.CONTENT, title, "share", ("prompt",), _SOURCE, _EVADES)
    for name, title in (
        ("reasoning_trace", "Asks for reasoning traces"),
        ("rubric_grading", "Asks for grading by rubric"),
        ("safe_rewrite", "Asks for safe rewrites"),
        ("tool_trace", "Asks for tool-use traces"),
    )
}


def matches(texts: pa.Array | pa.ChunkedArray) -> dict[str, NDArray[np.bool_]]:
    """Class -> bool[len(texts)]: whether a text asks for it (head and tail of long texts)."""
    folded = pc.utf8_lower(texts)
    longs = pc.greater(pc.utf8_length(folded), 2 * _HEAD)
    cut = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(folded, 0, _HEAD), pc.utf8_slice_codeunits(folded, -_HEAD), "\n"
    )
    read = pc.if_else(longs, cut, folded)
    found = {}
    for name, patterns in PATTERNS.items():
        hit = pc.match_substring_regex(read, "(?s)" + "|".join(f"(?:{p})" for p in patterns))
        found[name] = pc.fill_null(hit, False).to_numpy(zero_copy_only=False)
    return found


@dataclass(frozen=True, slots=True)
class Elicitation:
    """One class as a signal.

    Attributes:
        SPEC: What it measures.
    """

    SPEC: SignalSpec

    def measure(self, population: Population) -> Reading:
        """Value: share of the account's exchanges that ask for it."""
        hit = population.elicits[self.SPEC.name]
        asked = population.prompt >= 0
        n = np.bincount(population.account[asked], minlength=population.n_accounts)
        hits = np.bincount(population.account[asked & hit], minlength=population.n_accounts)
        return Reading(share(hits, n), shrunken_share(hits, n))


CLASSES: Final = tuple(Elicitation(spec) for spec in SPECS.values())
