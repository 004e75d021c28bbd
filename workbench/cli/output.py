"""What every command says and how: tables and facts on stdout, progress and errors on stderr.

With ``--json`` stdout carries one JSON value and nothing else. Text from logs is hostile: on a
terminal it is shown by ``visible_text``; in JSON it is escaped by the format.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
import pyarrow as pa
import typer
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from workbench.domain.errors import InputError
from workbench.domain.progress import Job, Progress
from workbench.domain.text import elide, visible_text

if TYPE_CHECKING:
    from workbench.services.workspace import Workspace

#: The case of the command that runs, as a shell takes it; before one is named the word for it.
_CASE: Final = ContextVar("case", default="CASE")
#: A command in a message of ours, which the services write without the case's name.
_COMMAND: Final = re.compile(r"\b(workbench [a-z]+|import) CASE\b")


def _remember(case: Path) -> Path:
    """The case that was named, for the commands in messages."""
    _CASE.set(shlex.quote(str(case)))
    return case


def with_case(message: str) -> str:
    """A message of ours whose commands name the case, ready to be typed."""
    return _COMMAND.sub(lambda found: f"{found[1]} {_CASE.get()}", message)


CaseArgument = Annotated[
    Path,
    typer.Argument(metavar="CASE", help="The case folder.", show_default=False, callback=_remember),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON value on stdout, for machines.")]

#: A SHA-256 in hex: a terminal shows its start.
_DIGEST = re.compile("[0-9a-f]{64}")
#: Columns of a pipe: more than any table has.
_NO_EDGE = 100_000


def emit_json(value: Any) -> None:
    """Write one JSON value to stdout; NaN becomes null, times RFC 3339 with a Z."""
    data = orjson.dumps(plain(value), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def plain(value: Any) -> Any:
    """The value in JSON's own types; lone surrogates become replacement characters."""
    if isinstance(value, pa.Table):
        return [plain(row) for row in value.to_pylist()]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Sequence):
        return [plain(item) for item in value]
    if hasattr(value, "item"):
        return plain(value.item())
    return value


def say(line: str = "") -> None:
    """One line of plain text on stdout."""
    sys.stdout.write(visible_text(line) + "\n")


def hint(line: str) -> None:
    """One line on stderr: what a person should know, and no part of the answer."""
    sys.stderr.write(visible_text(with_case(line), keep_newlines=False) + "\n")


def warn(sentence: str) -> None:
    """A line on stderr of what a person should look at."""
    shown = visible_text(with_case(sentence), keep_newlines=False)
    sys.stderr.write(f"workbench: warning: {shown}\n")


def warn_if_overtaken(workspace: Workspace) -> None:
    """Where results do not speak of all that the case holds, say so."""
    said = workspace.analysing.overtaken()
    if said:
        warn(f"{said} Run: workbench analyse CASE")


def show_table(table: pa.Table, *, limit: int = 40, whole: str = "--json") -> None:
    """A table for reading on a terminal, cut at ``limit`` rows: then ``whole`` gives them all."""
    piped = not sys.stdout.isatty()
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for place, field in enumerate(table.schema):
        numeric = pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
        # Where a terminal is narrow, only texts after the first two columns give way: the row
        # keeps who, when and how many. A cell is one line all the same.
        gives_way = place > 1 and pa.types.is_string(field.type)
        # Times are UTC wherever they are shown, and say so.
        name = f"{field.name} (UTC)" if pa.types.is_timestamp(field.type) else field.name
        drawn.add_column(name, justify="right" if numeric else "left", no_wrap=not gives_way)
    for row in table.slice(0, limit).to_pylist():
        cells = (_cell(value, whole=piped) for value in row.values())
        drawn.add_row(*(Text(cell, no_wrap=True, overflow="ellipsis") for cell in cells))
    console = Console(file=sys.stdout, highlight=False)
    if piped:  # a pipe has no edge at which to cut
        console.width = max(
            1, console.measure(drawn, options=console.options.update(max_width=_NO_EDGE)).maximum
        )
    console.print(drawn)
    if table.num_rows > limit:
        say(f"… {table.num_rows - limit:,} more; {whole} gives all of them.")


def _cell(value: Any, *, whole: bool = False) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 0.01 and value else f"{value:.2f}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    text = str(value)
    if not whole and _DIGEST.fullmatch(text):
        return text[:12]
    return elide(text, 1_000_000 if whole else 60)


def write_csv(table: pa.Table, path: Path) -> None:
    """Write a table as CSV that a spreadsheet opens without running anything.

    Text as in a bundle's copies for reading (``bundle.viewing``): one line, nothing invisible, no
    formula, also behind a separator. ``--json`` gives it as it is.

    Raises:
        InputError: The file cannot be written.
    """
    from workbench.bundle.viewing import viewable

    table = viewable(table)
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(table.column_names)
            for batch in table.to_batches(max_chunksize=10_000):
                for row in batch.to_pylist():
                    writer.writerow([plain(value) for value in row.values()])
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {error.strerror}.", remedy="Name another file."
        ) from error


@contextmanager
def progress_job(*, quiet: bool = False) -> Iterator[Job]:
    """A job whose progress is drawn on stderr (a bar on a terminal, else a line a step).

    Ctrl+C cancels the job, which then leaves nothing half-done; a second one interrupts at once.
    """
    console = Console(stderr=True, highlight=False)
    if quiet:
        with _cancelled_by_interrupt(Job()) as job:
            yield job
        return
    if not console.is_terminal:
        steps: list[str] = []

        def line(progress: Progress) -> None:
            if not steps or steps[-1] != progress.step:
                steps.append(progress.step)
                console.print(Text(visible_text(progress.step)), soft_wrap=True)

        with _cancelled_by_interrupt(Job(line)) as job:
            yield job
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0, rate="")

        def draw(progress: Progress) -> None:
            rate = ""
            if progress.count is not None:
                of = f" of {progress.total:,}" if progress.total else ""
                rate = f"{progress.count:,}{of} {progress.unit}"
            bar.update(
                task,
                description=visible_text(progress.step),
                completed=progress.done or 0.0,
                rate=rate,
            )

        with _cancelled_by_interrupt(Job(draw)) as job:
            yield job


@contextmanager
def _cancelled_by_interrupt(job: Job) -> Iterator[Job]:
    if threading.current_thread() is not threading.main_thread():
        yield job
        return
    before = signal.getsignal(signal.SIGINT)

    def cancel(_number: int, _frame: object) -> None:
        job.cancel()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, cancel)
    try:
        yield job
    finally:
        signal.signal(signal.SIGINT, before)
