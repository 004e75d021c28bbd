"""Names, versions and bounds of a bundle: what is where, and how much of it there may be.

Whoever writes a bundle keeps the bounds, so whoever verifies one may refuse what is beyond them:
a stranger's bundle then costs no more memory than one of ours. ``resources/bundle/verify.sh``
holds the same names and bounds.
"""

from __future__ import annotations

import re
from typing import Final

#: Integer version of the layout; a newer one is refused with a clear message. 2 added verify.sh.
BUNDLE_VERSION: Final = 2

MANIFEST: Final = "manifest-sha256.txt"
TAG_MANIFEST: Final = "tagmanifest-sha256.txt"
BAG_INFO: Final = "bag-info.txt"
SCRIPT: Final = "verify.sh"
SIGNATURE: Final = f"signatures/{TAG_MANIFEST}.sig"
ALLOWED_SIGNERS: Final = "signatures/allowed_signers"
PUBLIC_KEY: Final = "signatures/signer.pub"
SIGNATURE_FILES: Final = (ALLOWED_SIGNERS, PUBLIC_KEY, SIGNATURE)

#: What the report says, with the values behind it; below ``data/``.
STATEMENTS: Final = "statements.jsonl"

#: What a bundle says for whoever recomputes it, and the price list that it was priced by.
RERUN: Final = "data/method/rerun.json"
PRICES: Final = ("data/method/prices.toml", "data/method/prices.csv")

#: Files and folders in a bundle, all told.
MOST_ENTRIES: Final = 100_000
#: Parts of a path in it: data/method/queries/x.sql has four.
DEEPEST: Final = 8
#: Bytes of a tag file, manifests included: 100,000 lines have a tenth of this.
LONGEST_TAG_FILE: Final = 64 * 1024 * 1024
#: Bytes of ``heads.json``: five thousand analysts.
LONGEST_HEADS: Final = 1024 * 1024

#: One part of a path that our bundles use. Everything else is refused, and with it every trick
#: with names: parents, absolute paths, drives, equal-looking letters, line ends.
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PATH: Final = re.compile(rf"{NAME.pattern}(?:/{NAME.pattern})*")

_TAG_FILES: Final = {
    1: ("VERIFY.txt", BAG_INFO, "bagit.txt", MANIFEST),
    2: ("VERIFY.txt", BAG_INFO, "bagit.txt", MANIFEST, SCRIPT),
}


def tag_files(version: int) -> tuple[str, ...]:
    """What the tag manifest lists in a bundle of a version, in its order."""
    return _TAG_FILES[min(version, max(_TAG_FILES))]


def is_path(name: str) -> bool:
    """Whether a bundle may hold a file of this name."""
    return _PATH.fullmatch(name) is not None and name.count("/") < DEEPEST
