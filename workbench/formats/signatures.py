"""Shapes that the outer keys of a record tell, without a look into its bodies.

The formats that find a request and its response in any envelope leave such records alone: their
outer fields may carry the same names and mean something else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.formats.litellm import is_litellm

if TYPE_CHECKING:
    from collections.abc import Mapping


def has_own_shape(record: Mapping[str, Any]) -> bool:
    """Whether the outer keys alone say whose the record is."""
    return is_litellm(record)
