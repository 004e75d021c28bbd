"""``workbench import``: logs into a case, every record with one fate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.output import (
    CaseArgument,
    JsonOption,
    emit_json,
    hint,
    progress_job,
    say,
    warn,
)
from workbench.cli.waiting import when_free
from workbench.domain.errors import InputError
from workbench.domain.exchange import Accounting, Fate, Frame, SourceReport
from workbench.domain.ports import ReadOptions
from workbench.domain.text import plural

if TYPE_CHECKING:
    from workbench.services.importing import ImportReport
    from workbench.services.workspace import Workspace

CustodianOption = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Who keeps the system that wrote the logs.")
]
SystemOption = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT",
        help="The source system, always by one name: duplicates are judged within one, and one "
        "that is not named is joined with no other. It cannot change later.",
    ),
]
QueryOption = Annotated[
    str | None, typer.Option(metavar="TEXT", help="The extraction query, as it was run.")
]
PopulationOption = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Which traffic the extract covers.")
]
SamplingOption = Annotated[
    str | None, typer.Option(metavar="TEXT", help="How it was sampled (none, 1 in 10 by id).")
]
GapsOption = Annotated[str | None, typer.Option(metavar="TEXT", help="Known gaps, in plain words.")]
BenignOption = Annotated[
    bool, typer.Option("--benign", help="The population is declared to be benign: a baseline.")
]

PseudonymKeyOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="The key of the pseudonyms, outside the case; made on first use. Without it, the "
        "one in the configuration folder.",
    ),
]
#: For a case that has its pseudonyms.
StandingKeyOption = Annotated[
    Path | None,
    typer.Option(
        "--pseudonym-key",
        metavar="FILE",
        help="The key that the pseudonyms of the case were made with. Without it, the one in the "
        "configuration folder.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("import")
    def import_(
        context: typer.Context,
        case: CaseArgument,
        files: Annotated[
            list[str] | None,
            typer.Argument(
                metavar="FILE...",
                help="Files, folders or globs; - for standard input; a PostgreSQL database by its "
                "address; #TABLE behind a database names a table.",
                show_default=False,
            ),
        ] = None,
        format_name: Annotated[
            str,
            typer.Option(
                "--format",
                metavar="NAME",
                help="Format of all files, where their content is not to tell it, for example "
                "litellm; a name that is none lists them.",
            ),
        ] = "",
        mapping: Annotated[
            list[str] | None,
            typer.Option(
                "--map",
                metavar="CANONICAL=SOURCE",
                help="Where a column comes from, for example account_id=metadata.key or "
                "prompt=messages[-1].content; repeatable.",
            ),
        ] = None,
        profile: Annotated[
            Path | None,
            typer.Option(
                metavar="NAME|FILE", help="A saved mapping: its name where it is kept, or its file."
            ),
        ] = None,
        save_profile: Annotated[
            Path | None,
            typer.Option(
                metavar="NAME|FILE",
                help="Save format, zone and mapping for next time; under a name alone, where the "
                "window and a later import find it.",
            ),
        ] = None,
        zone: Annotated[
            str,
            typer.Option(
                metavar="ZONE",
                help="Time zone of times that name none, like UTC; none loads them as NULL.",
            ),
        ] = "",
        custodian: CustodianOption = None,
        system: SystemOption = None,
        query: QueryOption = None,
        population: PopulationOption = None,
        sampling: SamplingOption = None,
        gaps: GapsOption = None,
        benign: BenignOption = False,
        pseudonymise: Annotated[
            str,
            typer.Option(
                metavar="COLUMN,...",
                help="Replace the values of these columns by pseudonyms before anything is "
                "written: account_id, org_id, end_user, session_id, ip, user_agent, ja3, ja4, "
                "email_domain, payment_hash, request_id. What the first import says holds for "
                "the case.",
            ),
        ] = "",
        pseudonym_key: PseudonymKeyOption = None,
        drop_text: Annotated[
            bool,
            typer.Option(
                "--drop-text",
                help="Keep hashes, templates and vectors of prompts and answers, not their texts; "
                "info says what can then no longer be done. Holds for the case.",
            ),
        ] = False,
        resume: Annotated[
            bool,
            typer.Option(
                "--resume",
                help="Go on with an import that was killed: the same files, options and frame.",
            ),
        ] = False,
        roll_back: Annotated[
            bool, typer.Option("--roll-back", help="Take an import back that was killed.")
        ] = False,
        preview: Annotated[
            bool,
            typer.Option(
                "--preview",
                help="Write nothing: show how each file would be read and its first records as "
                "they would be loaded. Needs no case and makes none.",
            ),
        ] = False,
        rows: Annotated[
            int | None,
            typer.Option(
                metavar="N", min=1, help="Records of each file to preview; 100.", show_default=False
            ),
        ] = None,
        no_wait: Annotated[
            bool,
            typer.Option("--no-wait", help="Fail at once where another process holds the case."),
        ] = False,
        as_json: JsonOption = False,
    ) -> None:
        """Import logs into a case; a case that does not exist is made.

        Every record gets exactly one fate. Formats are told by content; files may be plain,
        gzip, bzip2, zstd or members of a zip archive, or SQLite; - reads what is piped in, and
        postgresql://USER@HOST:PORT/DATABASE the tables of LiteLLM or Langfuse there.
        Example: workbench import harbour.case logs/*.jsonl.gz --zone UTC
        """
        from workbench.cli.preview import ROWS, show_preview
        from workbench.services import log_formats
        from workbench.services.door import Privacy, columns_named
        from workbench.services.workspace import Workspace

        if resume or roll_back:
            _refuse_more(context, roll_back=roll_back)
            _end_interrupted(case, pseudonym_key, roll_back=roll_back, as_json=as_json)
            return
        if not files:
            raise InputError("No file was named.", remedy="Name log files, folders or globs.")
        if rows is not None and not preview:
            raise InputError("--rows belongs to a preview.", remedy="Say --preview, too.")
        privacy = Privacy(columns_named(pseudonymise), pseudonym_key, drop_text)

        known = log_formats.profile_named(profile) if profile else log_formats.Profile("")
        chosen = log_formats.Profile(
            save_profile.stem if save_profile else known.name,
            format_name or known.format,
            zone or known.zone,
            {**known.mapping, **log_formats.parse_mapping(mapping or ())},
        )
        if preview:
            _refuse_writing(context)
            named = log_formats.with_standard_input(files)
            show_preview(named, chosen, rows or ROWS, as_json=as_json)
            return
        if save_profile:
            save_profile = log_formats.profile_to_save(save_profile)
        said = frame_fields(custodian, system, query, population, sampling, gaps, benign)
        frame = replace(Frame(zone=chosen.zone), **said)
        options = ReadOptions(chosen.zone, chosen.mapping)
        with progress_job(quiet=as_json) as job:
            named = log_formats.with_standard_input(files)
            if not case.exists():  # a file that cannot be used leaves no empty case behind
                log_formats.check_files(named, options, format_name=chosen.format, job=job)
            opened = partial(Workspace.open_or_create, case)
            with (
                when_free(opened, job, wait=not no_wait) as workspace,
                _discarded_if_new(workspace),
            ):
                report = workspace.importing.run(
                    named, frame, options, job, format_name=chosen.format, privacy=privacy
                )
        if save_profile:
            log_formats.save_profile(chosen, save_profile)
            hint(f"Saved format, zone and mapping as the profile {save_profile}.")
        _tell(report, as_json=as_json)


def _refuse_more(asked: typer.Context, *, roll_back: bool) -> None:
    """What the import began with holds to its end.

    Raises:
        InputError: Something else was asked for.
    """
    allowed = {"case", "as_json", "roll_back" if roll_back else "resume"}
    allowed |= set() if roll_back else {"pseudonym_key"}
    given = {name for name in asked.params if _was_given(asked, name)}
    if given - allowed:
        option = "--roll-back" if roll_back else "--resume"
        raise InputError(
            f"{option} takes no files and no other options: the import goes by those that it "
            "began with.",
            remedy=f"Type workbench import CASE {option}.",
        )


def _refuse_writing(asked: typer.Context) -> None:
    """A preview shows values as the log has them, and keeps nothing.

    Raises:
        InputError: Something was asked for that only an import does.
    """
    for name in ("save_profile", "pseudonymise", "drop_text"):
        if _was_given(asked, name):
            raise InputError(
                f"--preview writes nothing and hides nothing: --{name.replace('_', '-')} is for "
                "the import.",
                remedy="Leave one of them out.",
            )


def _was_given(asked: typer.Context, name: str) -> bool:
    source = asked.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _end_interrupted(case: Path, key: Path | None, *, roll_back: bool, as_json: bool) -> None:
    """Go on with an import that was cut short, or take it back."""
    from workbench.services.workspace import Workspace

    with Workspace.open(case) as workspace, progress_job(quiet=as_json) as job:
        if not roll_back:
            report = workspace.importing.resume(job, key_file=key)
        else:
            left = workspace.importing.roll_back()
    if not roll_back:
        _tell(report, as_json=as_json)
    elif as_json:
        emit_json({"taken_back": left.as_dict()})
    else:
        files = plural(len(left.plan.files), "file", "files")
        say(f"The import of {files} that began at {left.began} was taken back.")
        hint(
            "Nothing of it is read any more, but its bytes are not erased from given.duckdb: that "
            "takes a new case, and deleting this one by the system's own means."
        )


def _tell(report: ImportReport, *, as_json: bool) -> None:
    """What an import did."""
    from workbench.services.import_checks import SEE_REJECTS

    if as_json:
        emit_json(report.as_dict())
        return
    for file in report.files:
        say(_line(file, report.confidence.get(file.path, 1.0)))
    if len(report.files) > 1:
        say(f"total: {fates(report.total)}")
    for doubt in report.doubts:
        warn(doubt.typed)
    # Few rejects are nothing to doubt, but whoever counts them wants to see them.
    if report.total.rejected and not any(doubt.command == SEE_REJECTS for doubt in report.doubts):
        hint(SEE_REJECTS)


@contextmanager
def _discarded_if_new(workspace: Workspace) -> Iterator[None]:
    """Take a case away again that was made for an import which then loaded nothing."""
    try:
        yield
    except BaseException:
        if workspace.made:
            workspace.discard()
        raise


def _line(file: SourceReport, confidence: float) -> str:
    shell = f", {file.compression}" if file.compression else ""
    already = " (already in the case)" if file.already else ""
    unsure = f", {sure(confidence)} ({file.reason})" if confidence < 1 else ""
    return f"{file.path}: {file.format}{unsure}{shell}{already}: {fates(file.accounting)}"


def sure(confidence: float) -> str:
    """How sure a format is: ``97 % sure``; 100 % only where every record is of it."""
    return f"{min(99, round(100 * confidence)) if confidence < 1 else 100} % sure"


def fates(accounting: Accounting) -> str:
    """All fates that occurred, and their sum."""
    counts = accounting.as_dict()
    parts = [f"{counts[fate.value]:,} {fate.value}" for fate in Fate if counts[fate.value]]
    text = f"{plural(accounting.records, 'record', 'records')} = {' + '.join(parts) or '0'}"
    if accounting.coerced:
        fields = plural(accounting.coerced, "field", "fields")
        text += f"; {fields} could not be read, so NULL"
    return text


def frame_fields(
    custodian: str | None,
    system: str | None,
    query: str | None,
    population: str | None,
    sampling: str | None,
    gaps: str | None,
    benign: bool,
) -> dict[str, Any]:
    """The fields that were said on the command line."""
    texts = {
        "custodian": custodian, "system": system, "query": query,
        "population": population, "sampling": sampling, "gaps": gaps,
    }  # fmt: skip
    said: dict[str, Any] = {k: v for k, v in texts.items() if v is not None}
    return said | ({"benign": True} if benign else {})
