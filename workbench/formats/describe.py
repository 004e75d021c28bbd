"""The tables of docs/formats.md, written from the rules that the code follows.

    python -m workbench.formats.describe docs/formats.md

brings the page up to date; a test fails while it is not.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.formats.known import KNOWN

if TYPE_CHECKING:
    from workbench.formats.shape import RecordFormat, Rule

_TABLE: Final = re.compile(
    r"(<!-- table of (?P<name>[\w-]+), written by workbench\.formats\.describe -->\n)"
    r".*?(?=<!-- end -->)",
    re.DOTALL,
)


def up_to_date(page: str) -> str:
    """The page with every table written anew between its marks."""
    known = {each.name: each for each in KNOWN}
    return _TABLE.sub(lambda mark: mark[1] + table_of(known[mark["name"]]), page)


def table_of(known: RecordFormat) -> str:
    """What one format fills, in the order of the canonical columns, and what fills nothing."""
    rules = {rule.column: rule for rule in known.rules}
    lines = [known.about, "", "| column | from, the first that is there |", "|---|---|"]
    for column in CANONICAL_SCHEMA.names:
        rule = rules.get(column)
        lines.append(f"| {column} | {_sources(rule) if rule else 'not in this format: NULL'} |")
    if known.unread:
        lines += ["", "In no column:", ""]
        lines += [f"- {_named(each.fields)}: {each.why}" for each in known.unread]
    return "\n".join(lines) + "\n"


def _sources(rule: Rule) -> str:
    return "; ".join(part for part in (_named(rule.sources), rule.how.replace("|", "\\|")) if part)


def _named(fields: tuple[str, ...]) -> str:
    return ", ".join(f"`{field}`" for field in fields)


def main() -> None:
    """Write the tables of the page that is named."""
    page = Path(sys.argv[1])
    page.write_text(up_to_date(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
