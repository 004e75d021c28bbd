"""The catalogue: message keys of the layers below become English sentences here.

Window, report and command line take their words from this one place, so that all three say the
same. A message whose key is not in the catalogue is a bug of ours that a reader must not pay
for: it is written out plainly with its figures, and a test finds it.
"""

from __future__ import annotations

import gettext
import math
import string
from typing import TYPE_CHECKING, Any, Final

from workbench.services.sentences import LOOKALIKES, SENTENCES

if TYPE_CHECKING:
    from workbench.domain.signal import Message

_ = gettext.gettext


def text(message: Message) -> str:
    """The sentence of a message.

    Numbers are written out with separators, shares of the population as percentiles, times as
    dates in UTC. Text from logs that a message carries is not made safe here: that depends on
    where it is shown.
    """
    sentence = SENTENCES.get(message.key)
    if sentence is None:
        return _spelled(message)
    if not callable(sentence):
        return _FORMATTER.vformat(_(sentence), (), message.params)
    try:
        return sentence(message.params)
    except (KeyError, TypeError, ValueError):
        # Stored by another version of this program, with other parameters.
        return _spelled(message)


def _spelled(message: Message) -> str:
    """A message that has no sentence, with all its figures."""
    figures = ", ".join(
        f"{name.replace('_', ' ')} {_plain(value)}" for name, value in message.params.items()
    )
    spelled = message.key.replace(".", ": ").replace("_", " ")
    return f"{spelled} ({figures})." if figures else f"{spelled}."


def accounts(count: int) -> str:
    """``1 account``, ``1,204 accounts``."""
    return counted(count, "account", "accounts")


def exchanges(count: int) -> str:
    """``1 exchange``, ``520,000 exchanges``."""
    return counted(count, "exchange", "exchanges")


def prompts(count: int) -> str:
    """``1 prompt``, ``88,214 prompts``."""
    return counted(count, "prompt", "prompts")


def counted(count: int, one: str, many: str) -> str:
    """The exact count with its noun."""
    return f"{count:,} {gettext.ngettext(one, many, count)}"


def lookalike(kind: str | None) -> str:
    """The nearest look-alike in words; "none near" when there is none."""
    if not kind or kind == "none near":
        return _("none near")
    return _(LOOKALIKES.get(kind, kind.replace("_", " ")))


class _Formatter(string.Formatter):
    """Writes values as people read them; a value that is missing is said to be missing."""

    def get_value(self, key: Any, args: Any, kwargs: Any) -> Any:
        return kwargs.get(key) if isinstance(key, str) else super().get_value(key, args, kwargs)

    def format_field(self, value: Any, format_spec: str) -> str:
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return _("not assessed")
        if not format_spec:
            return _plain(value)
        if format_spec.startswith("n:"):
            # {count:n:account|accounts}
            one, many = format_spec[2:].split("|")
            return counted(int(value), one, many)
        # The house writes a space before the per cent sign.
        return str(super().format_field(value, format_spec)).replace("%", " %")


def _plain(value: Any) -> str:
    if value is None:
        return _("not assessed")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.3g}" if math.isfinite(value) else _("not assessed")
    if isinstance(value, list | tuple):
        return ", ".join(_plain(item) for item in value)
    return str(value)


_FORMATTER: Final = _Formatter()
