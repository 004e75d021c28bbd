"""Why a text of a case is not read: what stands in its place."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Withheld(IntEnum):
    """Why a text is kept back. The numbers stand in statements."""

    #: The case asks for a reveal first, and this analyst made none.
    HIDDEN = 1
    #: Unlawful or privileged: nobody reads it.
    QUARANTINE = 2


#: What stands where the text would.
WORDS: Final = {
    Withheld.HIDDEN: "(prompts of this case are read after a reveal)",
    Withheld.QUARANTINE: "(in quarantine)",
}
