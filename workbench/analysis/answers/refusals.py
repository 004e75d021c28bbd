# ruff: noqa: RUF001  (letters of other alphabets are what is meant)
"""How a log shows that an answer was refused, and how it ended.

First by what providers write into the record. Only where an answer's text is logged and the
record does not say it, by how refusals begin, in ten languages: an apology may come first, then
somebody says of themselves that they cannot or will not, and one of the verbs by which models
decline. The verb is asked for: "I cannot find the order" is no refusal. A pattern reads the
beginning of an answer only, so that an answer which quotes a refusal is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What the log does not tell, in every array of this package.
UNKNOWN: Final = -1
#: ``refused``: not so; the record says so; the text begins so.
ANSWERED, SAID, READ = 0, 1, 2
#: ``ended``: whole; cut at a limit; otherwise (refused, paused, failed).
WHOLE, CUT, OTHERWISE = 0, 1, 2

#: Stop reasons of a whole answer: OpenAI, Anthropic, Bedrock, Gemini, common servers.
WHOLE_REASONS: Final = (
    "stop", "end_turn", "stop_sequence", "eos", "eos_token", "finish", "finished", "complete",
    "completed", "finish_reason_stop", "tool_use", "tool_calls", "tool_call", "function_call",
)  # fmt: skip
#: Stop reasons of an answer that a limit cut.
CUT_REASONS: Final = (
    "length", "max_tokens", "max_output_tokens", "max_length", "model_length", "incomplete",
    "finish_reason_max_tokens", "model_context_window_exceeded",
)  # fmt: skip
#: Stop reasons of a refusal or a filter: Anthropic, OpenAI, Bedrock, Gemini.
REFUSED_REASONS: Final = (
    "refusal", "content_filter", "content_filtered", "guardrail_intervened", "safety",
    "image_safety", "prohibited_content", "blocklist", "spii", "recitation", "sensitive",
    "finish_reason_safety",
)  # fmt: skip
#: Error types of a filter: OpenAI, Azure, LiteLLM.
REFUSED_ERRORS: Final = (
    "content_filter", "content_policy_violation", "contentpolicyviolationerror",
    "responsibleaipolicyviolation", "content_moderation", "moderation_blocked", "refusal",
)  # fmt: skip

#: Characters of an answer that are read for a refusal.
READ_CHARACTERS: Final = 240

#: Language -> how refusals begin. RE2, case folded, straight apostrophes, at the beginning.
BEGINNINGS: Final[dict[str, tuple[str, ...]]] = {
    "en": (
        r"((i'm|i am|we're|we are) (very |so |really |truly )?sorry|sorry|my apologies|"
        r"i apologi[sz]e|unfortunately|thank you for .{0,60})?[,.!;: ]*(but |however,? )?"
        r"(as an? (ai|language model)[^.]{0,60}, )?"
        r"(i|we)( simply| also| just)? ?"
        r"((can'?t|can ?not|won'?t|will not|'m not able to|am not able to|'m unable to|"
        r"am unable to|'m not going to|don't feel comfortable|'m not comfortable|are unable to|"
        r"are not able to|would rather not) ?"
        r"(help|assist|comply|provid|fulfil|support|engag|creat|generat|writ|produc|continu|"
        r"participat|discuss|answer (that|this)|shar|offer|do (this|that|it|so))|"
        r"(must|have to|need to) (respectfully )?(decline|refuse))",
    ),
    "es": (
        r"(lo siento( mucho)?|lo lamento|disculpa|disculpe|perdona|perdón)?[,.!: ]*(pero )?"
        r"no (puedo|podemos|voy a|me es posible|estoy en condiciones de) "
        r"(ayudar|asistir|cumplir|proporcionar|ofrecer|generar|escribir|crear|continuar|"
        r"responder a (eso|esto)|hacer (eso|esto|lo que)|realizar|colaborar)",
    ),
    "fr": (
        r"((je suis )?désolée?|je m'excuse|pardon|malheureusement)?[,.!: ]*(mais )?"
        r"je (ne )?(peux|pourrai|suis) (pas|malheureusement pas)( en mesure)?( de| d')? ?"
        r"(vous |t'|te )?(aider|assister|fournir|accéder à|répondre à (cela|cette)|générer|"
        r"écrire|créer|continuer|faire (cela|ça)|traiter|donner suite)",
    ),
    "de": (
        r"(tut mir (sehr )?leid|es tut mir (sehr )?leid|entschuldigung|leider)?[,.!: ]*(aber )?"
        r"((dabei|damit|hierbei|da|das|dies|diese[rnms]? \S{2,30}|bei \S{2,30}|ich) )"
        r"(kann|darf|werde|möchte) (ich )?(\S{2,12} ){0,4}?(nicht|keine)\b.{0,40}"
        r"(helfen|unterstützen|tun|nachkommen|bereitstellen|erstellen|schreiben|beantworten|"
        r"erfüllen|weiterhelfen|behilflich)",
    ),
    "pt": (
        r"(desculpe|desculpa|sinto muito|lamento|infelizmente)?[,.!: ]*(mas )?"
        r"(eu )?não (posso|podemos|vou|consigo|me é possível) (lhe |te )?"
        r"(ajudar|auxiliar|atender|fornecer|oferecer|gerar|escrever|criar|continuar|"
        r"responder a (isso|isto)|fazer (isso|isto|o que)|realizar|colaborar)",
    ),
    "ru": (
        r"(извините|простите|к сожалению|мне (очень )?жаль|прошу прощения)?[,.!: ]*(но )?"
        r"(я )?(не (могу|смогу|буду|имею возможности)|вынужден[а]? отказ)( вам| тебе| с этим)? ?"
        r"(помо|предостав|выполн|созда|написа|сгенерир|продолж|ответить на (это|этот)|"
        r"сделать (это|этого)|обсужда|отказ)",
    ),
    "zh": (
        r"(很抱歉|非常抱歉|抱歉|对不起|不好意思)?[,，。！!： ]*(但(是)?)?"
        r"((这个|该|您的|你的|此)(请求|要求|问题|内容))?(我|本助手|作为.{0,16}我)?"
        r"(不能|无法|不可以|没有办法|没办法|不会)(为(您|你))?"
        r"(协助|帮助|提供|满足|完成|回答(这|该|此)|生成|撰写|编写|继续|参与|讨论|执行|处理(这|该|此))",
    ),
    "ja": (
        r"(大変)?(申し訳(ありません|ございません|ない)|すみません|恐れ入ります|ごめんなさい)?"
        r"(が|けど|けれど)?[、。,. ]*.{0,40}?"
        r"(お手伝い|対応|お応え|お答え|提供|お力|協力|サポート|作成|支援|従う|ご希望に沿う)"
        r"(を)?(する)?(こと|に|は|が)*(でき(ません|かねます|ない)|いたしかねます|"
        r"なれません|出来ません)",
    ),
    "ko": (
        r"(죄송합니다만|죄송하지만|죄송합니다|미안하지만|유감스럽지만|유감이지만)?[,. ]*"
        r"(저는 |제가 )?.{0,30}?(도와드릴|도울|제공할|제공해 드릴|응할|답변(해 )?드릴|작성할|"
        r"작성해 드릴|생성할|지원할|수행할|들어드릴|협조할) ?(수(는|가)? ?없|순 없)",
    ),
    "ar": (
        r"(عذر[اًا]*|آسف|أنا آسف|نعتذر|أعتذر|المعذرة|للأسف)?[,،.! ]*(لكن(ني)? |ولكن(ني)? )?"
        r"(لا (أستطيع|يمكنني|نستطيع|يمكننا)|لست قادر[اًا]* على|لن أتمكن من) ?"
        r"(أن )?(ال)?(مساعد|أساعد|تقديم|أقدم|تلبي|كتاب|أكتب|إنشاء|توفير|المشارك|القيام|"
        r"الإجابة على (هذا|ذلك)|الاستمرار)",
    ),
}
_BEGINS: Final = (
    "(?s)^[^\\pL\\pN]*("
    + "|".join(f"(?:{wording})" for wordings in BEGINNINGS.values() for wording in wordings)
    + ")"
)


def begins_refused(heads: pa.Array) -> NDArray[np.bool_]:
    """bool[n]: whether an answer begins as refusals do. NULL does not.

    Args:
        heads: Beginnings of answers, strings.
    """
    texts = pc.utf8_slice_codeunits(pc.fill_null(heads, ""), 0, READ_CHARACTERS)
    texts = pc.replace_substring(pc.utf8_lower(texts), "\u2019", "'")
    distinct = texts.dictionary_encode()
    held = pc.match_substring_regex(distinct.dictionary, _BEGINS)
    found = np.asarray(held.to_numpy(zero_copy_only=False), dtype=np.bool_)
    return found[distinct.indices.to_numpy()] if len(found) else np.zeros(len(texts), np.bool_)


def refused(
    stop_reason: pa.Array,
    error_type: pa.Array,
    heads: pa.Array,
    kept: pa.Array | None = None,
) -> NDArray[np.int8]:
    """i8[n]: ``ANSWERED``, ``SAID``, ``READ``, or ``UNKNOWN`` where no column could tell.

    Args:
        stop_reason: As logged, strings.
        error_type: As logged, strings.
        heads: Beginnings of answers, strings.
        kept: Of answers whose texts were left out, whether they begin as refusals do; else NULL.
    """
    stopped, failed = _codes(stop_reason, REFUSED_REASONS), _codes(error_type, REFUSED_ERRORS)
    text, begins = _known(heads), begins_refused(heads)
    if kept is not None and kept.null_count < len(kept):
        text |= _known(kept)
        begins |= np.asarray(kept.fill_null(False).to_numpy(zero_copy_only=False), np.bool_)
    found = np.where(_known(stop_reason) | _known(error_type) | text, ANSWERED, UNKNOWN)
    found[text] = np.where(begins[text], READ, found[text])
    found[stopped | failed] = SAID
    return found.astype(np.int8)


def ended(stop_reason: pa.Array) -> NDArray[np.int8]:
    """i8[n]: ``WHOLE``, ``CUT``, ``OTHERWISE``, or ``UNKNOWN`` where nothing is logged."""
    found = np.where(_known(stop_reason), OTHERWISE, UNKNOWN)
    found[_codes(stop_reason, WHOLE_REASONS)] = WHOLE
    found[_codes(stop_reason, CUT_REASONS)] = CUT
    return found.astype(np.int8)


def _known(texts: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(texts.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)


def _codes(texts: pa.Array, words: tuple[str, ...]) -> NDArray[np.bool_]:
    """Whether each text is one of the words, in any case; NULL is none."""
    folded = pc.utf8_lower(texts.cast(pa.string()))
    held = pc.is_in(folded, value_set=pa.array(words, pa.string()))
    return np.asarray(held.to_numpy(zero_copy_only=False), dtype=np.bool_)
