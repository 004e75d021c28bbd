# ruff: noqa: RUF001  (letters of other alphabets are what is meant)
r"""The wordings by which prompts ask for what trains another model, by class and language.

Every class has the same kinds of wording in every language: a phrase that stands for itself
("step by step"), or a verb that asks beside the thing that is asked for ("show ... reasoning").
The thing alone ("a function call fails", "a book on reasoning") matches in none, so that no
language is easier to match than another: language would betray where people live.

RE2, case folded; ``\b`` knows ASCII letters only and stands beside those only. An alternative with
gaps (``.{0,40}``) has them, and no ``|``, outside of brackets: it is looked for only in texts
that hold its first and its last part, since gaps are what makes an expression slow.
"""

from __future__ import annotations

from typing import Final

#: Class -> language -> alternatives.
PATTERNS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "reasoning_trace": {
        "any": (r"<think(ing)?>|<reasoning>|<scratchpad>",),
        "en": (
            r"step[- ]by[- ]step|chain[- ]of[- ]thought",
            r"\b(show|write|articulate|explain|give|describe|include)\b.{0,40}"
            r"\b(reasoning|thought process|thinking|working|derivation)\b",
            r"\b(think|reason) (aloud|out loud|carefully before)|internal (reasoning|monologue)",
        ),
        "es": (
            r"paso a paso|cadena de (pensamiento|razonamiento)",
            r"\b(muestra|muéstra|muestre|escrib|explica|explique|describ|incluy|detalla|expón)"
            r".{0,40}(razonamiento|proceso de pensamiento|derivación)",
            r"(piensa|razona) en voz alta|(razonamiento|monólogo) intern",
        ),
        "fr": (
            r"étape par étape|chaîne de (pensée|raisonnement)",
            r"(montre|écri[stv]|explique|donne|décri[stv]|inclu|détaille).{0,40}"
            r"(raisonnement|processus de pensée|cheminement de pensée|dérivation)",
            r"(pense|réfléchi\w*|raisonne)z? à voix haute",
            r"(raisonnement|monologue) (interne|intérieur)",
        ),
        "de": (
            r"schritt für schritt|gedankenkette",
            r"\b(zeige?|schreibe?|erkläre?|erläutere?|gib|beschreibe?|nenne?)\b.{0,40}"
            r"(gedankeng(a|ä)ng|überlegungen|denkprozess|denkweg|herleitung)",
            r"denke? laut|laut denken|innere[rn]? monolog|internes? denken",
        ),
        "pt": (
            r"passo a passo|cadeia de (pensamento|raciocínio)",
            r"\b(mostr[ae]|escrev[ae]|expli(ca|que)|descrev[ae]|inclu[ai]|detalh[ae]).{0,40}"
            r"(raciocínio|processo de pensamento|derivação)",
            r"(pens|raciocin)[ae] em voz alta|(raciocínio|monólogo) interno",
        ),
        "ru": (
            r"шаг за шагом|пошагово|цепочк[ауи]? (рассуждений|мыслей)",
            r"(покажи|напиши|объясни|опиши|приведи|изложи|распиши).{0,40}"
            r"(рассужден|ход мысл|ход решения|мыслительн)",
            r"(думай|рассуждай|размышляй)(те)? вслух|внутренн.{1,4} (рассуждени|монолог)",
        ),
        "zh": (
            r"一步一步|逐步(推理|思考|解|分析)|思维链",
            r"(展示|写出|写下|给出|说明|解释|描述|包括|列出|输出).{0,20}"
            r"(推理|思考过程|思维过程|思路|推导)",
            r"(推理|思考|思维|推导)过程.{0,10}(写|展示|说明|列|给|输出)",
            r"出声思考|内部推理|内心独白",
        ),
        "ja": (
            r"ステップバイステップ|段階的に|一歩ずつ|思考の連鎖",
            r"(推論|思考の?過程|思考プロセス|導出).{0,20}"
            r"(示し|示せ|書い|書け|書き|説明|述べ|記述|含め|見せ|出力)",
            r"声に出して考え|内部の?推論|内的独白",
        ),
        "ko": (
            r"단계별로|단계적으로|한 단계씩|사고의 (사슬|연쇄)|생각의 사슬",
            r"(추론|사고 ?과정|풀이 ?과정|유도 ?과정).{0,20}"
            r"(보여|써|쓰|작성|설명|적|기술|포함|제시)",
            r"소리 내어 (생각|말)|내부 추론|내적 독백",
        ),
        "ar": (
            r"خطوة بخطوة|خطوة خطوة|سلسلة (التفكير|الأفكار)",
            r"(اشرح|اكتب|أظهر|وضح|وضّح|اعرض|بيّن|صف|قدّم|قدم|اذكر).{0,40}"
            r"(التفكير|تفكيرك|الاستدلال|استدلالك|منطقك)",
            r"فك[ّ]?ر بصوت عال|(التفكير|الحوار|المونولوج) الداخلي",
        ),
    },
    "rubric_grading": {
        "any": (),
        "en": (
            r"\b(rate|score|grade|judge|assess)\b.{0,80}"
            r"\b(1|one|0|zero)\b.{0,6}\b(to|-|and)\b.{0,6}\b(5|five|7|10|ten|100)\b",
            r"\bevaluate\b.{0,80}\b(scale|score|rating|points)\b.{0,20}"
            r"\b(1|one|0|zero)\b.{0,6}\b(to|-|and)\b.{0,6}\b(5|five|7|10|ten|100)\b",
            r"\brubric\b|\bgrading criteria\b",
            r"\bwhich\b.{0,30}\b(response|answer|completion)s?\b.{0,20}\bis (better|preferred)",
            r"\b(choose|pick|select|judge|name) the "
            r"(better|preferred) (response|answer|completion)",
            r"\bresponse a\b.{0,400}\bresponse b\b",
        ),
        "es": (
            r"(califi(ca|que)|punt(úa|úe)|val(o|ó)ra|evalúa|evalúe).{0,80}"
            r"\b[01] ?(a|al|y|-) ?(5|7|10|100)\b",
            r"\brúbrica|criterios de (calificación|puntuación)",
            r"(qué|cuál).{0,20}\brespuestas? es (la )?mejor",
            r"\brespuesta a\b.{0,400}\brespuesta b\b",
        ),
        "fr": (
            r"(note[zr]?|évalue[zr]?|juge[zr]?)\b.{0,80}\b[01] ?(à|et|-) ?(5|7|10|20|100)\b",
            r"grille (de notation|d.évaluation)|critères de notation|barème de notation",
            r"quelle.{0,20} réponse est (la )?meilleure",
            r"\bréponse a\b.{0,400}\bréponse b\b",
        ),
        "de": (
            r"\b(bewerte|bewerten|beurteile|beurteilen|benote)\b.{0,80}"
            r"\b[01] ?(bis|und|-) ?(5|7|10|100)\b",
            r"bewertungsraster|bewertungsschema|bewertungsrubrik|notenschlüssel",
            r"welche.{0,20}antwort(en)? ist (die )?besser",
            r"\bantwort a\b.{0,400}\bantwort b\b",
        ),
        "pt": (
            r"(avali[ae]|pontu[ae]|classifi(ca|que)|julgue).{0,80}"
            r"\b[01] ?(a|e|até|-) ?(5|7|10|100)\b",
            r"rubrica de (avaliação|correção)|critérios de (correção|pontuação)",
            r"qual.{0,20}\brespostas? (é|está) (a )?melhor",
            r"\bresposta a\b.{0,400}\bresposta b\b",
        ),
        "ru": (
            r"(оцени|оцените|поставь|поставьте).{0,80}от [01] до (5|7|10|100)",
            r"критери.{1,2} оценивания|шкал.{1,2} оценивания|рубрик.{1,2} оценивания",
            r"какой.{0,20}ответ.{0,12}лучше",
            r"ответ (a|а)[^a-zа-я].{0,400}ответ (b|б|в)",
        ),
        "zh": (
            r"(打分|评分|评价|评估|打出).{0,40}[01] ?(分)? ?(到|至|-|~) ?(5|7|10|100)",
            r"[01] ?(分)? ?(到|至|-|~) ?(5|7|10|100) ?分?.{0,12}(打分|评分|评价|评估)",
            r"评分(标准|细则|量表)|打分标准",
            r"(哪个|哪一个|哪条)(回答|答案|回复)(更|较)好",
            r"回答 ?a.{0,400}回答 ?b",
        ),
        "ja": (
            r"[01]点?(から|〜|~|-)(5|7|10|100)点?.{0,20}(採点|評価|評点)",
            r"(採点|評価).{0,20}[01]点?(から|〜|~|-)(5|7|10|100)",
            r"採点基準|ルーブリック",
            r"どちらの(回答|応答|答え).{0,8}(良|よ|優)",
        ),
        "ko": (
            r"[01]점?(에서|부터|~|-) ?(5|7|10|100)점?.{0,20}(평가|채점|매겨|점수)",
            r"(평가|채점).{0,20}[01]점?(에서|부터|~|-) ?(5|7|10|100)",
            r"채점 ?기준|루브릭",
            r"어느 ?(답변|응답).{0,10}더 (낫|좋|나은)",
            r"답변 ?a.{0,400}답변 ?b",
        ),
        "ar": (
            r"(قيّم|قيم|قدّر|أعط).{0,80}من [01] (إلى|الى) (5|7|10|100)",
            r"معايير (التصحيح|منح الدرجات|التنقيط)|سل[ّ]?م (التقدير|التنقيط|الدرجات)",
            r"أي.{0,20}(إجابة|الإجابتين|الردين|رد).{0,10}أفضل",
            r"الإجابة (أ|a).{0,400}الإجابة (ب|b)",
        ),
    },
    "safe_rewrite": {
        "any": (),
        "en": (
            r"\b(rewrite|rephrase|reword|revise)\b.{0,80}"
            r"\b(safe|harmless|neutral|acceptable|sensitive|censor|polic(y|ies))",
            r"\b(rewrite|rephrase|answer|respond|reply|discuss|describe)\b.{0,80}"
            r"\b(avoid|without|remov)\w*.{0,40}\b(sensitive|controversial|political)\b",
            r"\b(safe|safer|harmless|compliant|censored|sanitized) "
            r"(response|answer|rewrite|rewording)",
        ),
        "es": (
            r"(reescrib|reformul).{0,80}(segur|neutral|inofensiv|sensible|censur)",
            r"\b(responde|contesta|describe).{0,80}"
            r"(evit|sin )\w*.{0,40}(sensibles?|controvertid|polític)",
            r"(respuesta|versión) (segura|inofensiva|censurada)",
        ),
        "fr": (
            r"(réécri|reformul).{0,80}(sûr|neutre|sensible|inoffensi|censur)",
            r"\b(répond|décri).{0,80}(évit|sans )\w*.{0,40}(sensibles?|controversé|politique)",
            r"(réponse|version) (sûre|inoffensive|censurée)",
        ),
        "de": (
            r"(schreib|formulier).{0,60}\bum\b.{0,60}(sicher|neutral|harmlos|sensib|zensi)",
            r"umformulier.{0,60}(sicher|neutral|harmlos|sensib|zensi)",
            r"(sicher|neutral|harmlos|sensib|zensi).{0,60}umformulier",
            r"\b(antworte|beschreibe?)\b.{0,80}(vermeid|ohne )\w*.{0,40}(sensib|heikl|politisch)",
            r"(sichere|harmlose|zensierte) (antwort|fassung)",
        ),
        "pt": (
            r"(reescrev|reformul).{0,80}(segur|neutr|inofensiv|sensív|censur)",
            r"\b(responda|descreva).{0,80}(evit|sem )\w*.{0,40}(sensíve|controvers|polític)",
            r"(resposta|versão) (segura|inofensiva|censurada)",
        ),
        "ru": (
            r"(перепиши|перефразируй).{0,80}(безопасн|нейтральн|безобидн|чувствительн|цензур)",
            r"(ответь|опиши).{0,80}(избега|без ).{0,40}(чувствительн|спорн|политическ)",
            r"(безопасн|безобидн).{1,3} (ответ|верси)",
        ),
        "zh": (
            r"(改写|重写|改成|改得).{0,40}(安全|中立|合规|敏感|无害)",
            r"(回答|答复|描述|改写|重写).{0,40}(避免|去除|删除|不要|回避).{0,12}(敏感|争议|政治)",
            r"(安全|无害|合规)的?(回答|答复|改写)",
        ),
        "ja": (
            r"(書き換え|言い換え|書き直).{0,40}(安全|中立|無害|検閲)",
            r"(安全|中立|無害).{0,30}(書き換え|言い換え|書き直)",
            r"(敏感|論争|政治).{0,20}(避け|除い).{0,30}(答え|回答|説明)",
            r"(安全|無害)な(回答|応答)",
        ),
        "ko": (
            r"(다시 ?쓰|다시 ?써|바꿔 ?쓰|바꿔 ?써|수정).{0,40}(안전|중립|무해|검열)",
            r"(안전|중립|무해).{0,30}(다시 ?쓰|다시 ?써|바꿔)",
            r"(민감|논란|정치).{0,20}(피해|피하|빼고|제외).{0,30}(답|대답|설명)",
            r"(안전|무해)한 (답변|응답)",
        ),
        "ar": (
            r"(أعد كتابة|أعد صياغة|إعادة صياغة).{0,80}(آمن|محايد|حساس|غير ضار)",
            r"(أجب|صف).{0,80}(تجنب|دون |بدون ).{0,40}(حساس|جدل|سياسي)",
            r"(إجابة|نسخة) (آمنة|غير ضارة)",
        ),
    },
    "tool_trace": {
        "any": (r"\b(thought|action|observation)s?:\s.{0,400}\b(action|observation)s?:",),
        "en": (
            r"\b(list|write|show|output|give|generate|plan)\b.{0,60}"
            r"\b(tool|function|api)[- ](call|use|invocation)s?\b",
            r"\b(call|use|access|invoke)\b.{0,30}\b(tool|api|plugin)s?\b.{0,60}"
            r"\b(step|sequence|trace|(what|which|right|correct) order|trajectory)",
            r"\b(tool|agent) trajector(y|ies)\b",
        ),
        "es": (
            r"\b(enumera|lista|escrib[ae]|muestra|muestre|genera|genere|planifica).{0,60}"
            r"llamadas? a (la |las |una )?(herramienta|función|funciones|api)",
            r"\b(usa|use|llama|llame|invoca|invoque)\b.{0,30}(herramienta|api|plugin).{0,60}"
            r"(paso|secuencia|en qué orden|trayectoria)",
            r"trayectorias? (de|del) (agente|herramienta)",
        ),
        "fr": (
            r"\b(liste|écri[stv]|montre|génère|génér|donne|planifi).{0,60}"
            r"appels? (d.outil|d.api|à l.api|de fonction|à une fonction)",
            r"\b(utilise|appelle|appele|invoque)z?\b.{0,30}(outil|api|plugin).{0,60}"
            r"(étape|séquence|dans quel ordre|trajectoire)",
            r"trajectoires? (d.agent|d.outil|de l.agent)",
        ),
        "de": (
            r"\b(liste|schreibe?|zeige?|generiere|gib|erstelle?|plane)\b.{0,60}"
            r"(werkzeug|tool|funktions|api)-?aufruf",
            r"\b(nutze?|verwende?|rufe?|benutze?)\b.{0,30}(werkzeug|\btool|\bapi\b|plugin).{0,60}"
            r"(schritt|sequenz|reihenfolge|trajektorie)",
            r"(agenten|werkzeug)-?trajektorie",
        ),
        "pt": (
            r"\b(liste|lista|escreva|escreve|mostre|mostra|gere|gera|planeje)\b.{0,60}"
            r"chamadas? (de|da|à|a) (ferramenta|função|funções|api)",
            r"\b(use|usa|chame|chama|invoque)\b.{0,30}(ferramenta|\bapi\b|plugin).{0,60}"
            r"(passo|sequência|em que ordem|trajetória)",
            r"trajetórias? (de|do) (agente|ferramenta)",
        ),
        "ru": (
            r"(перечисли|напиши|покажи|выведи|сгенерируй|составь|спланируй).{0,60}"
            r"вызов(ы|ов|а)? (инструмент|функци|api)",
            r"(используй|вызови|вызывай|обратись).{0,30}(инструмент|api|плагин).{0,60}"
            r"(шаг|последовательност|в каком порядке|траектори)",
            r"траектори.{1,2} (агент|инструмент)",
        ),
        "zh": (
            r"(列出|写出|写下|展示|显示|输出|给出|生成|规划).{0,30}(工具|函数|接口|api) ?的?调用",
            r"(列出|写出|写下|展示|显示|输出|给出|生成|规划).{0,30}调用.{0,6}(工具|函数|接口|api)",
            r"(调用|使用).{0,10}(工具|接口|插件|api).{0,30}(步骤|顺序|序列|轨迹)",
            r"(工具|智能体|代理)(的)?轨迹",
        ),
        "ja": (
            r"(ツール|関数|api) ?の?(呼び出し|コール).{0,30}"
            r"(列挙|書いて|書け|示して|示せ|出力|生成|計画|リスト)",
            r"(ツール|api|プラグイン).{0,10}(使|呼び出).{0,30}(手順|順序|順番|軌跡)",
            r"(ツール|エージェント)の?軌跡",
        ),
        "ko": (
            r"(도구|함수|api) ?호출.{0,30}(나열|작성|출력|보여|생성|계획|써 ?줘|적어)",
            r"(도구|api|플러그인).{0,10}(사용|호출).{0,30}(단계|순서|궤적)",
            r"(도구|에이전트)(의)? 궤적",
        ),
        "ar": (
            r"(اكتب|اعرض|أظهر|اذكر|أنشئ|ولّد|ولد|خطط|عدد).{0,60}"
            r"(استدعاء|استدعاءات) (الأدوات|أدوات|الأداة|أداة|الدوال|دوال|الدالة|واجهة|api)",
            r"(استخدم|استدع|استعمل).{0,30}(أداة|أدوات|الأدوات|واجهة|api).{0,60}"
            r"(خطوات|تسلسل|بأي ترتيب|مسار)",
            r"مسار (الأداة|الأدوات|الوكيل)",
        ),
    },
}  # fmt: skip
#: Languages that every class knows.
LANGUAGES: Final = ("en", "es", "fr", "de", "pt", "ru", "zh", "ja", "ko", "ar")
