"""What still keeps files from being imported, in the words of the import dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.domain.text import elide, plural
from workbench.ui import figures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.formats.preview import Preview
    from workbench.formats.suggest import Guess


def file_name(preview: Preview) -> str:
    """The name of a file, without its folders, as it can be shown."""
    return elide(figures.line(preview.path.rsplit("/", 1)[-1]), 80)


def summary(preview: Preview, *, guessed: bool = False) -> str:
    """One line: the file, and which format it has.

    Args:
        preview: The file.
        guessed: Whether fields are mapped that nobody has confirmed.
    """
    found = preview.detection
    if preview.unknown:
        return (
            f"{file_name(preview)}: No format knows its records. Say on the next page what is what."
        )
    if preview.by_mapping and guessed:
        return (
            f"{file_name(preview)}: No format knows its records. Fields were guessed: check them "
            "on the next page."
        )
    if preview.by_mapping:
        return f"{file_name(preview)}: read by the fields that were chosen"
    return f"{file_name(preview)}: {found.format}, {100 * found.confidence:.0f} % sure"


def verdict(preview: Preview, asked: str) -> str:
    """Which format the file has, and why.

    Args:
        preview: The file.
        asked: The format that a profile names; empty where it was found.
    """
    if preview.unknown:
        return (
            f"{file_name(preview)}: the format is not recognised. It needs a mapping: say below "
            "which field is which column."
        )
    if preview.by_mapping:
        return f"{file_name(preview)}: read by the fields that are chosen below."
    if asked:
        return f"{file_name(preview)}: {asked}, as the profile says."
    return f"{summary(preview)}: {elide(preview.detection.reason, 300)}"


def reason(
    preview: Preview, column: str, chosen: str, guess: Guess | None, profile: str = ""
) -> tuple[str, str]:
    """Why a column is filled as it is, or is not, and the colour in which that is said.

    Args:
        preview: The file.
        column: Of the case.
        chosen: The field that is mapped to it; empty for none.
        guess: What the field was set by, where nobody has confirmed it.
        profile: Name of the profile that set it; empty where a person chose.
    """
    coerced = preview.coerced_columns.get(column, 0)
    values = preview.rows.column(column)
    filled = len(values) - values.null_count
    if chosen and chosen in preview.absent:
        return "not in this file", "red"
    if coerced:
        first = next((each for (_, name), each in preview.spoilt.items() if name == column), None)
        example = f": {figures.line(first.written)}" if first and first.written else ""
        return f"{plural(coerced, 'value', 'values')} cannot be read{example}", "red"
    if guess is not None:
        return f"guess: {guess.why}", "amb"
    if chosen:
        by = f"by the profile {profile}" if profile else "chosen"
        return (by, "t2") if filled else (f"{by}, but empty", "amb")
    if filled:
        return f"by the format {preview.detection.format}", "t2"
    return "no field chosen" if preview.by_mapping else "not in this file", "t3"


def missing_fields(previews: Sequence[Preview], mapping: Mapping[str, str]) -> str:
    """Why the files cannot be read as they are mapped; empty where they can."""
    apart = ", or import this file apart" if len(previews) > 1 else ""
    for preview in previews:
        if preview.absent:
            field = preview.absent[0]
            column = next((name for name, path in mapping.items() if path == field), "a column")
            return (
                f"{file_name(preview)} has no field {elide(figures.line(field), 40)}. Choose "
                f"another one for {column}{apart}."
            )
    for preview in previews:
        if preview.unknown and mapping:
            return (
                f"{file_name(preview)}: the chosen fields make no exchange. Choose the one of "
                "prompt, completion or ts."
            )
        if preview.unknown:
            return (
                f"{file_name(preview)} needs a mapping: choose the fields of prompt, account_id, "
                "ts and what else it has."
            )
    loaded = any(preview.accounting.loaded for preview in previews)
    if previews and not loaded and all(preview.whole for preview in previews):
        return "None of these records can be read. Choose their fields, or other files."
    return ""


def naive_times(previews: Sequence[Preview]) -> str:
    """Which files have times whose zone only a person can say; empty where none has."""
    naive = [preview for preview in previews if preview.naive_time]
    if not naive:
        return ""
    files = file_name(naive[0])
    if naive[1:]:
        files += f" and {plural(len(naive) - 1, 'other file', 'other files')}"
    has = "have" if naive[1:] else "has"
    example = elide(figures.line(naive[0].naive_time), 40)
    return f"{files} {has} times without a zone, such as {example}."
