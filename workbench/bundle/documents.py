"""The plain-text files of a bundle: how to verify it, what it is, what speaks against it.

They are read by people who have nothing of ours, so they explain themselves. Words from logs are
escaped: no line of theirs becomes a command, a link or a heading.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from workbench import __version__
from workbench.bundle.layout import BUNDLE_VERSION
from workbench.bundle.printable import markdown_text
from workbench.bundle.sign import NAMESPACE, PRINCIPAL
from workbench.domain.text import plural, visible_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.bundle.content import BundleContent
    from workbench.bundle.subject import Subject

BAGIT_TXT: Final = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

PROVES: Final = (
    "The files are exactly those over which the signature was made.",
    "The signature was made with the key whose fingerprint ssh-keygen prints.",
    "Each source log is named by its SHA-256, so that a copy held elsewhere can be compared.",
    "Each decision stands in a journal whose lines are chained by hashes.",
)
#: Of a share edition, which holds no journals.
PROVES_OF_SHARE: Final = (
    *PROVES[:3],
    "data/audit/heads.json names the last line of each journal of the case, which whoever has the "
    "journals can compare.",
)
PROVES_NOT: Final = (
    "It does not show that the source logs were complete or true before they were read.",
    "It does not show that the holder of the key told the truth before signing.",
    "It does not show whose key it is: compare the fingerprint by a way of your own.",
    "Logs show collection. They show neither training nor who ordered it.",
)


#: Where to find what, as VERIFY.txt tells it.
_WHERE: Final = """\
  which accounts                 data/accounts.csv, data/clusters.csv
  from which logs                data/sources.csv, data/ingest/
  the exchanges themselves       data/evidence.parquet (exact), data/exchanges.csv (for reading)
  by which method                data/method/
  who decided what, when, why    data/labels.jsonl, data/audit/
  what speaks against it         data/alternatives.md, data/report.pdf
  the figures' numbers           data/figures/
  the values behind each sentence and number of the report
                                 data/statements.jsonl
  a form to certify it by        data/certificate-902.txt (unsigned)"""


_PERSONS: Final = """\
It holds data of persons: account ids, addresses, and what else the logs tell of them. Keep it as it
is marked, and pass on a share edition instead where that will do."""


#: Of a bundle with time stamps.
_WHEN: Final = """
  that journals were there, when data/audit/stamps/: openssl ts -verify -data DIGEST.json \\
                                 -in DIGEST.tsr -CAfile the authority's certificates (PEM)"""


#: Of a bundle that can be computed again.
_AGAIN: Final = """
With the program and the source logs, whether what it says comes out of them:

     workbench reproduce . --logs FOLDER
"""


#: Of a bundle with journals: what needs no trust in its files, and takes longer.
_HAND: Final = """

What the case digest is of, and the journals, by hand

     sha256sum < data/method/case-digest.json

   prints the case digest above. That file names the SHA-256 of each log, the key of each stage
   (code, parameters, inputs) and the digest of each decision, which is that of a line of a journal.

     for f in data/audit/*.jsonl; do p=$(printf %064d 0); while IFS= read -r l; do \\
       case $l in *"\\"previous\\":\\"$p\\""*) ;; *) echo "broken: $f";; esac; \\
       p=$(printf %s "$l" | sha256sum | cut -c1-64); done < "$f"; echo "$p $f"; done

   prints for each journal the digest of its last line, as data/audit/heads.json has it, and
   "broken" for a line that does not name the SHA-256 of the one before it
   (500 lines take some seconds).
"""


@dataclass(frozen=True, slots=True)
class About:
    """What the tag files say a bundle is.

    Attributes:
        id: Of the case.
        title: One line.
        case: The case, as a person calls it; empty where the bundle does not say.
        digest: Case digest, hex.
        marking: TLP mark.
        where: Lines that tell where to find what.
        note: What is left out.
        journals: Whether it holds the journals of the case.
        more: Further fields of ``bag-info.txt``.
    """

    id: str
    title: str
    case: str
    digest: str
    marking: str
    where: str
    note: str
    journals: bool = True
    more: Mapping[str, str] = field(default_factory=dict)


def bag_info(content: BundleContent, *, n_bytes: int, n_files: int) -> str:
    """``bag-info.txt``: what the bag is, for machines that know BagIt."""
    return info_text(_about(content), n_bytes=n_bytes, n_files=n_files)


def _about(content: BundleContent) -> About:
    case = content.case
    return About(
        id=case.id,
        title=f"Evidence of the case {case.name}",
        case=case.name,
        digest=case.digest,
        marking=case.marking,
        where=_WHERE + _WHEN * bool(content.stamps),
        note=f"{_PERSONS}\n\n{content.texts.words}",
    )


def info_text(about: About, *, n_bytes: int, n_files: int) -> str:
    """``bag-info.txt`` of any edition."""
    fields = {
        "Bag-Software-Agent": f"Distillation Workbench {__version__}",
        "Bundle-Version": str(BUNDLE_VERSION),
        "External-Identifier": about.id,
        "External-Description": about.title,
        "Case-Digest": f"sha256:{about.digest}",
        "Marking": about.marking,
        **about.more,
        "Payload-Oxum": f"{n_bytes}.{n_files}",
    }
    lines = (f"{name}: {_one_line(value)}" for name, value in fields.items())
    return "\n".join(lines) + "\n"


def _one_line(value: str) -> str:
    return " ".join(visible_text(value, keep_newlines=False).split())


def verify_txt(content: BundleContent, *, n_payload: int, n_all: int) -> str:
    """``VERIFY.txt``: how to verify with stock tools, and what that shows.

    Args:
        content: What the bundle is about.
        n_payload: Files under ``data/``.
        n_all: Files of the whole bundle, this one and the signature's included.
    """
    return how_to_verify(_about(content), n_payload=n_payload, n_all=n_all)


def how_to_verify(about: About, *, n_payload: int, n_all: int) -> str:
    """``VERIFY.txt`` of any edition; counts as for ``verify_txt``."""
    case = f"{_one_line(about.case)} ({_one_line(about.id)})" if about.case else _one_line(about.id)
    walks = ", which also walks the journals, line by line" if about.journals else ""
    again = _AGAIN if about.journals else ""
    head = "".join(f"{name:<13}{_one_line(value)}\n" for name, value in about.more.items())
    proves = "\n".join(f"  + {line}" for line in (PROVES if about.journals else PROVES_OF_SHARE))
    proves_not = "\n".join(f"  - {line}" for line in PROVES_NOT)
    return f"""\
HOW TO VERIFY THIS BUNDLE

Case         {case}
Case digest  sha256:{about.digest}
Marking      {_one_line(about.marking)}
{head}Files        {n_payload} under data/, {n_all} in all

You need sha256sum (GNU coreutils; on macOS: shasum -a 256) and ssh-keygen (OpenSSH 8.2 or newer).
Open a terminal in this folder and give these commands, one by one.


1. Nothing was changed, removed or renamed

     sha256sum --check --strict --quiet tagmanifest-sha256.txt
     sha256sum --check --strict --quiet manifest-sha256.txt

   Both print nothing. (On macOS: shasum -a 256 -c tagmanifest-sha256.txt, and the same for the
   other.) A line that ends in FAILED names a file that is not the one that was signed.


2. Nothing was added

   sha256sum does not notice an added file, so count them:

     find . ! -type d | wc -l            must print {n_all}
     find data ! -type d | wc -l         must print {n_payload}
     wc -l < manifest-sha256.txt         must print {n_payload}
     find . ! -type d ! -type f          must print nothing


3. Who signed

     ssh-keygen -Y verify -f signatures/allowed_signers -I {PRINCIPAL} -n {NAMESPACE} \\
       -s signatures/tagmanifest-sha256.txt.sig < tagmanifest-sha256.txt

   It prints: Good "{NAMESPACE}" signature for {PRINCIPAL} with ED25519 key SHA256:...

   The file allowed_signers came with the bundle, so this shows which key signed, not whose key it
   is. Compare the fingerprint (SHA256:...) with the one that the signer gives you by another way,
   in person or by telephone. Whoever changes the bundle and signs it anew has another fingerprint.


With the script verify.sh, all of this in one step; it needs nothing but sha256sum and ssh-keygen,
and names what is wrong:

     sh verify.sh --trust SHA256:...

It came with the bundle, so a forged bundle may bring a forged script. Read it first, or take it
from docs/verify.md of the program, which says its SHA-256; or give the commands above.

With the program itself{walks}:

     workbench verify . --trust SHA256:...
{again}{_HAND if about.journals else ""}

WHAT THIS SHOWS
{proves}

WHAT IT DOES NOT SHOW
{proves_not}


WHERE TO FIND WHAT
{about.where}

{about.note}

CSV files are for reading: texts in them are one line, cut where they are long, with a leading
apostrophe where a spreadsheet would take them for a formula. data/evidence.parquet is exact.
"""


def alternatives_md(content: BundleContent) -> str:
    """``alternatives.md``: benign explanations tried, and what speaks against each finding."""
    parts = [
        "# What speaks against the findings\n",
        f"Case {markdown_text(content.case.name)}, case digest `sha256:{content.case.digest}`. "
        "A finding is computed; it is never an accusation.\n",
    ]
    if content.against:
        parts += ["## All findings together\n", _bullets(content.against)]
    for subject in content.subjects:
        parts += [f"## {markdown_text(subject.title)}\n", _counter_evidence(subject)]
    parts += ["## Known error rates\n", _bullets(content.method.error_rates)]
    parts += ["## Limits of the method\n", _bullets(content.method.limits)]
    return "\n".join(parts)


def _counter_evidence(subject: Subject) -> str:
    verdict = f"Finding: {markdown_text(subject.verdict)}"
    label = f"label: {subject.label.value}" if subject.label else "no person has labelled it"
    size = plural(subject.n_accounts, "account", "accounts")
    look_alike = markdown_text(subject.lookalike)
    if subject.lookalike_distance is not None:
        look_alike += f", distance {subject.lookalike_distance:.2f}"
    missing = [axis for axis, p in subject.axes.items() if p is None]
    missing += [line.title for line in subject.signals if line.percentile is None]
    lines = [f"{verdict}; {label}; {size}.\n", _bullets(subject.against)]
    if not subject.lookalike_told:
        lines.append(f"Nearest benign look-alike: {look_alike}.\n")
    if missing:
        lines.append(f"Not assessed: {markdown_text(', '.join(missing))}.\n")
    if subject.check_next:
        lines += ["What to check next:\n", _bullets(subject.check_next)]
    return "\n".join(lines)


def _bullets(lines: tuple[str, ...]) -> str:
    return "".join(f"- {markdown_text(line)}\n" for line in lines)
