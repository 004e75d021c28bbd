"""``workbench stamp``: time stamps of the journals' heads by another authority (RFC 3161)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.label import AnalystOption
from workbench.cli.output import CaseArgument, JsonOption, emit_json, say
from workbench.domain.errors import InputError
from workbench.domain.text import plural

if TYPE_CHECKING:
    from workbench.case.stamps import Stamp
    from workbench.services.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("stamp")
    def stamp(
        case: CaseArgument,
        url: Annotated[
            str, typer.Option(metavar="URL", help="Time-stamp server (default: the case's).")
        ] = "",
        request: Annotated[
            Path | None,
            typer.Option(metavar="FILE", help="Write the request, to be carried to a server."),
        ] = None,
        answer: Annotated[
            Path | None, typer.Option(metavar="FILE", help="Take an answer that was carried here.")
        ] = None,
        show: Annotated[
            bool, typer.Option("--list", help="List and check the stamps; sends nothing.")
        ] = False,
        ca: Annotated[
            Path | None,
            typer.Option(metavar="PEM", help="With --list: certificates to trust, roots included."),
        ] = None,
        analyst: AnalystOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Have a time-stamp authority say that the journals were there (RFC 3161).

        Sent is the SHA-256 of the heads of the journals and nothing else, to the server that is
        named or set (`workbench settings CASE --stamp-url URL`). What gets no answer waits, and is
        sent with the next one.

        Example: workbench stamp harbour.case --url https://tsa.example.org
        """
        from workbench.services.workspace import Workspace

        chosen = [name for name in (url, request, answer, show) if name]
        if len(chosen) > 1:
            raise InputError(
                "--url, --request, --answer and --list each say what to do.",
                remedy="Give one of them.",
            )
        if ca is not None and not show:
            raise InputError(
                "--ca says whom to trust where stamps are checked.", remedy="Add --list."
            )
        with Workspace.open(case, write=not show, analyst=analyst) as workspace:
            if show:
                _list(workspace, ca, as_json=as_json)
            elif request is not None:
                _write(workspace, request, as_json=as_json)
            elif answer is not None:
                _take(workspace, answer, as_json=as_json)
            else:
                _ask(workspace, url, as_json=as_json)


def _ask(workspace: Workspace, url: str, *, as_json: bool) -> None:
    asked = workspace.stamping.ask(url)
    if as_json:
        emit_json(
            {
                "stamped": [_dict(one) for one in asked.stamped],
                "waiting": [_dict(one) for one in asked.waiting],
                "trouble": asked.trouble,
            }
        )
    else:
        for one in asked.stamped:
            say(_line(one))
        if asked.waiting:
            say(f"{plural(len(asked.waiting), 'state waits', 'states wait')}. {asked.trouble}")
    if asked.waiting:
        raise typer.Exit(1)


def _write(workspace: Workspace, path: Path, *, as_json: bool) -> None:
    if path.exists():
        raise InputError(f"{path} exists already.", remedy="Choose another name.")
    stamp, data = workspace.stamping.request()
    try:
        path.write_bytes(data)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}).") from error
    if as_json:
        emit_json({"waiting": _dict(stamp), "request": str(path)})
    else:
        say(
            f"Wrote {path}. Send it to a time-stamp server as application/timestamp-query, and "
            "bring its answer back with --answer."
        )


def _take(workspace: Workspace, path: Path, *, as_json: bool) -> None:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from error
    stamp, _ = workspace.stamping.take(data)
    if as_json:
        emit_json({"stamped": _dict(stamp)})
    else:
        say(_line(stamp))


def _list(workspace: Workspace, ca: Path | None, *, as_json: bool) -> None:
    found = workspace.stamping.listed(ca)
    if as_json:
        emit_json({"stamps": [_dict(stamp) | {"checked": said} for stamp, said in found]})
        return
    for stamp, said in found:
        say(f"{_line(stamp)} ({said})" if stamp.answer else _line(stamp))
    if not found:
        say("Nothing was stamped.")


def _line(stamp: Stamp) -> str:
    lines = plural(sum(pin.number for pin in stamp.heads.values()), "entry", "entries")
    of = f"{stamp.digest[:16]}: {lines} of {plural(len(stamp.heads), 'journal', 'journals')}"
    if stamp.answer is None:
        return f"{of}, waiting for a stamp"
    at = f"{stamp.answer.at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{of}, stamped {at} by {stamp.answer.authority}, serial {stamp.answer.serial}"


def _dict(stamp: Stamp) -> dict[str, Any]:
    answer = stamp.answer
    return {
        "digest": stamp.digest,
        "heads": {k: {"number": p.number, "digest": p.digest} for k, p in stamp.heads.items()},
        "at": None if answer is None else answer.at.isoformat(),
        "authority": None if answer is None else answer.authority,
        "serial": None if answer is None else str(answer.serial),
    }
