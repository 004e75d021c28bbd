"""The report as PDF/A-2a and PDF/UA-1, from the Typst template in ``resources/report``.

The template gets one JSON text and the shipped fonts, nothing else: no file of the case, no
package, no system font, no network, no clock. Text from logs is data to it and never source.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import orjson

from workbench.bundle.printable import Printer, font_folder
from workbench.bundle.report_data import report_data
from workbench.domain.resources import resource_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.bundle.content import BundleContent
    from workbench.bundle.figures import Drawn

#: Archival, with text that can be extracted, and tagged for people who cannot see it.
STANDARDS: Final = ("a-2a", "ua-1")


def render(content: BundleContent, figures: Sequence[Drawn]) -> bytes:
    """The report as a PDF file.

    Args:
        content: What is exported.
        figures: The figures in the order of their numbers.

    Returns:
        The same bytes for the same content, on any day.
    """
    return compiled(report_data(content, figures), "report.typ", content.case.as_of_us)


def compiled(data: dict[str, Any], template: str, as_of_us: int) -> bytes:
    """A document of one of our templates as a PDF file.

    Args:
        data: What the template prints, JSON values.
        template: Name of the file in ``resources/report``.
        as_of_us: What dates it, UTC microseconds.

    Returns:
        The same bytes for the same data, on any day.
    """
    import typst

    path = resource_path(f"report/{template}")
    compiler = typst.Compiler(
        input=path,
        root=path.parent,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": orjson.dumps(printable_data(data)).decode()},
    )
    pdf = compiler.compile(
        format="pdf",
        pdf_standards=list(STANDARDS),
        timestamp=max(0, as_of_us // 1_000_000),
    )
    if not isinstance(pdf, bytes):
        raise TypeError("typst returned no document")
    return pdf


def printable_data(data: dict[str, Any]) -> dict[str, Any]:
    """The same data with every string printable by the shipped fonts; figures stay as they are."""
    printer = Printer.of_shipped_fonts()

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return printer.text(value)
        if isinstance(value, dict):
            return {k: v if k == "svg" else clean(v) for k, v in value.items()}
        return [clean(item) for item in value] if isinstance(value, list) else value

    cleaned: dict[str, Any] = clean(data)
    return cleaned


@lru_cache(maxsize=1)
def _fonts() -> Any:
    import typst

    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(font_folder())],
    )
