"""The command line's front door: finds the command, words its errors, sets the exit code.

Exit codes: 0 done; 1 the answer is no; 2 bad input or usage; 70 our bug; 130 cancelled.
"""

from __future__ import annotations

import difflib
import inspect
import os
import re
import sys
import traceback
from contextvars import copy_context
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer
from typer.exceptions import Abort, TyperException

from workbench import __version__
from workbench.cli import (
    access,
    analyse,
    analysts,
    baseline,
    clusters,
    demo,
    evaluate,
    explain,
    export,
    fingerprint,
    frame,
    import_,
    info,
    join,
    journal,
    label,
    loss,
    power,
    pseudonym,
    purge,
    rejects,
    repair,
    reproduce,
    selections,
    settings,
    simulate,
    stamp,
    verify,
    window,
)
from workbench.cli.output import with_case
from workbench.cli.window import Window
from workbench.domain.errors import (
    CancelledError,
    KnownError,
    NotAssessedError,
    VerificationError,
)
from workbench.domain.text import visible_text, without_passwords

if TYPE_CHECKING:
    from collections.abc import Iterable

_MODULES = (
    import_,
    frame,
    join,
    analyse,
    baseline,
    clusters,
    explain,
    loss,
    label,
    selections,
    analysts,
    journal,
    settings,
    access,
    purge,
    rejects,
    repair,
    pseudonym,
    info,
    export,
    stamp,
    verify,
    reproduce,
    fingerprint,
    simulate,
    evaluate,
    power,
)

#: What the library that checks values of options says, and what we say instead.
_VALUES: Final = tuple(
    (re.compile(theirs), ours)
    for theirs, ours in (
        (r"^Invalid value for '([^']+)': Value error, ", r"\1: "),
        (r"^Invalid value for '([^']+)': Input should be ", r"\1 must be "),
        (r"must be less than or equal to (\S+)", r"must be \1 at most"),
        (r"must be greater than or equal to (\S+)", r"must be \1 at least"),
        (r"must be a valid integer\b.*", "must be a whole number"),
        (r"must be a valid number\b.*", "must be a number"),
    )
)
EXIT_NO = 1
EXIT_INPUT = 2
EXIT_BUG = 70
EXIT_CANCELLED = 130


def build_app(opener: Window) -> typer.Typer:
    """The command line with every command registered.

    Args:
        opener: How to open the window.
    """
    app = typer.Typer(
        name="workbench",
        help=(
            "Find and document adversarial distillation in API logs.\n\n"
            "`workbench CASE` opens the window on a case; `workbench` alone opens the start page. "
            "The program finds, a person labels."
        ),
        no_args_is_help=False,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback(invoke_without_command=True)
    def root(
        context: typer.Context,
        version: bool = typer.Option(False, "--version", help="Print the version."),
    ) -> None:
        if version:
            typer.echo(f"workbench {__version__}")
            raise typer.Exit
        if context.invoked_subcommand is None:
            raise typer.Exit(window.open_window(opener, None))

    window.register(app, opener)
    demo.register(app, opener)
    for module in _MODULES:
        module.register(app)
    for command in app.registered_commands:
        command.short_help = _first_sentence(inspect.getdoc(command.callback) or "")
    for group in app.registered_groups:
        assert group.typer_instance is not None
        group.short_help = _first_sentence(group.typer_instance.info.help or "")
    return app


def _first_sentence(text: str) -> str:
    """What the list of commands says of one: all of it, where the library would cut it off."""
    return re.split(r"(?<=\.)\s", text, maxsplit=1)[0].replace("\n", " ")


def run(arguments: list[str], opener: Window) -> int:
    """Run one command line and return its exit code; never raises.

    ``workbench CASE`` (a first word that is no command and no option) opens the window.
    """
    # A context of its own: the case that it names is nobody else's.
    return copy_context().run(_run, arguments, opener)


@cache
def _command(opener: Window) -> Any:
    """All commands, made once for each kind of window: making them takes a tenth of a second."""
    return typer.main.get_command(build_app(opener))


def _run(arguments: list[str], opener: Window) -> int:
    command = _command(opener)
    names = getattr(command, "commands", {})
    if arguments and not arguments[0].startswith("-") and arguments[0] not in names:
        if not Path(arguments[0]).exists():
            _complain(_unknown(arguments[0], names))
            return EXIT_INPUT
        arguments = ["window", *arguments]
    try:
        code = command.main(arguments, prog_name="workbench", standalone_mode=False)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else EXIT_INPUT
    except TyperException as error:
        # Wrong usage, on one line.
        context = getattr(error, "ctx", None)
        asked = context.command_path if context is not None else "workbench"
        _complain(f"{_usage(error.format_message())}. See: {asked} --help")
        return EXIT_INPUT
    except (CancelledError, Abort):
        _complain("Cancelled. Nothing half-done remains.")
        return EXIT_CANCELLED
    except (NotAssessedError, VerificationError) as error:
        _complain(str(error))
        return EXIT_NO
    except KnownError as error:
        _complain(str(error))
        return EXIT_INPUT
    except BrokenPipeError:
        # The reader (head, less) went away: that is its business. Keep the interpreter from
        # complaining when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:  # noqa: BLE001  the edge: whatever arrives here is our bug
        _complain(f"This is a bug in workbench. The report is in {_write_report(arguments)}.")
        return EXIT_BUG
    return code if isinstance(code, int) else 0


def _usage(said: str) -> str:
    """What is wrong with an option: typer hands on what the library says that checks values."""
    for theirs, ours in _VALUES:
        said = theirs.sub(ours, said)
    return said.rstrip(".")


def _unknown(word: str, names: Iterable[str]) -> str:
    """What is said of a first word that is neither a command nor anything on disk."""
    near = difflib.get_close_matches(word, sorted(names), n=1)
    meant = f"did you mean {near[0]}?" if near else "workbench --help lists the commands."
    return f"{word} is no command and no case: {meant}"


def _complain(line: str) -> None:
    line = visible_text(without_passwords(with_case(line)), keep_newlines=False)
    sys.stderr.write(f"workbench: {line}\n")


def _write_report(arguments: list[str]) -> str:
    """Write what we know of a bug to a file in the current folder, else to the temporary one."""
    import tempfile

    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    text = without_passwords(
        f"workbench {__version__}\nPython {sys.version}\nplatform {sys.platform}\n"
        f"arguments {list(map(without_passwords, arguments))!r}\n\n{traceback.format_exc()}"
    )
    for folder in (Path.cwd(), Path(tempfile.gettempdir())):
        path = folder / f"workbench-bug-{stamp}.txt"
        try:
            path.write_text(text, "utf-8", errors="backslashreplace")
        except OSError:
            continue
        return str(path)
    sys.stderr.write(text)
    return "the lines above"
