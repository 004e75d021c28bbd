"""Where the files shipped with the program lie: icons, fonts, templates, tables, samples."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def resource_path(name: str) -> Path:
    """Path of a shipped resource, in an installed package or in a checkout.

    Args:
        name: Path below ``resources/``, with forward slashes.

    Raises:
        FileNotFoundError: The resource is not shipped.
    """
    return _shipped("resources", name)


def sample_path(name: str = "") -> Path:
    """Path of a file of ``sample_data/`` (the folder itself for an empty name).

    Raises:
        FileNotFoundError: The sample is not shipped.
    """
    return _shipped("sample_data", name)


def _shipped(folder: str, name: str) -> Path:
    for root in (_PACKAGE / folder, _PACKAGE.parent / folder):
        candidate = root / name
        if candidate.exists():
            return candidate
    raise FileNotFoundError(f"{folder}/{name} is not part of this installation")
