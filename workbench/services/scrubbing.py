"""Text scrubbed of what names people or opens doors, before it leaves in a share edition.

Telephone numbers are found by ``phonenumbers``, secrets by the pattern plugins of
``detect-secrets``, each called on a text and nothing else of that library: its scans open
connections. Network addresses are read by ``ipaddress``. E-mail addresses, links, postal
addresses, paths and long numbers have no well-kept library that works offline: expressions of our
own, which would rather take too much. Names of people cannot be found so; what the case itself
knows as names (``known``) is. No scrubbing is complete: that is why texts leave one by one.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: What each rule is called, in the order in which they are applied.
RULES: Final = (
    "known name",
    "secret",
    "link",
    "e-mail address",
    "path",
    "network address",
    "postal address",
    "telephone number",
    "long number",
)
#: Regions whose national way of writing a number is tried; "ZZ" is the international one.
_REGIONS: Final = ("ZZ", "US", "GB", "DE", "FR", "CN", "IN", "JP", "RU", "BR")
#: Shorter values are words by chance.
_SHORTEST_KNOWN: Final = 4
#: Characters of a text that are looked at; the rest is cut off.
LONGEST: Final = 4_000

_KEY_BLOCK: Final = re.compile(
    r"-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)", re.S
)
#: A run of letters and digits that no word is.
_TOKEN: Final = re.compile(
    r"(?<![A-Za-z0-9_+/=.\-])(?=[A-Za-z0-9_+/=.\-]*\d)(?=[A-Za-z0-9_+/=.\-]*[A-Za-z])"
    r"[A-Za-z0-9_+/=.\-]{20,}"
)
_ASSIGNED: Final = re.compile(
    r"(?i)\b(?:pass(?:word|phrase|wd)?|pwd|secret|token|api[ _-]?key|bearer|authorization)\b"
    r"\s*(?:[:=]|is\b)?\s*[\"']?(?P<value>[^\s\"',;]{6,})"
)
_LINK: Final = re.compile(r"(?i)\b(?:[a-z][a-z0-9+.\-]*://|www\.)[^\s<>\"']+")
_MAIL: Final = re.compile(r"[^\s@<>(),;:\"'\[\]]+\s?@\s?[^\s@<>(),;:\"'\[\]]+")
_PATH: Final = re.compile(
    r"(?<![\w/<])~?/(?:[\w.@+\-]+/)+[\w.@+\-]*|(?i:\b[a-z]:\\[^\s\"<>|]+)|\\\\[^\s\"<>|]+"
)
_DOTTED: Final = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?(?!\w)")
_COLONS: Final = re.compile(r"(?<![\w:])[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:/\d{1,3})?")
_HARDWARE: Final = re.compile(r"\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b")
_STREETS: Final = (
    "street|st|avenue|ave|road|rd|lane|ln|boulevard|blvd|drive|dr|court|ct|square|sq|terrace|"
    "highway|hwy|parkway|pkwy"
)
_POSTAL: Final = re.compile(
    rf"(?i)\b\d{{1,5}}[a-z]?,?\s+(?:[^\W\d_][\w.'\-]*\s+){{1,4}}(?:{_STREETS})\b\.?"
    r"|\b[^\W\d_][\w\-]*(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse)\s+\d+\s?[a-z]?\b"
    r"|\b\d+,?\s+(?:rue|avenue|boulevard|place)\s+\w[\w '\-]*"
    r"|\b(?:calle|via|rua)\s+\w[\w '\-]*?,?\s+\d+\b"
    r"|\bp\.?\s?o\.?\s?box\s+\d+"
    r"|\b(?-i:[A-Z]{2})\s\d{5}(?:-\d{4})?\b"
    r"|\b(?-i:[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2})\b"
)
_NUMBER: Final = re.compile(r"(?<!\w)\+?\d(?:[ \-./()]{0,2}\d){8,}(?!\w)")


class Scrubber:
    """Scrubs texts, and counts what each rule took.

    Args:
        known: Names that the case knows: values of accounts, organisations, people, files.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        values = {_plain(value).casefold() for value in known}
        self._known = sorted((v for v in values if len(v) >= _SHORTEST_KNOWN), key=len)[::-1]
        #: Rule -> how often it took something.
        self.taken: Counter[str] = Counter()

    def text(self, text: str) -> str:
        """The text with what each rule finds replaced by the rule's name in brackets.

        Characters that are not seen, or are other forms of others, are brought to one form first:
        they would hide what is looked for.
        """
        found = _plain(text)[:LONGEST]
        found = self._without_known(found)
        rules: tuple[tuple[str, Callable[[str], list[tuple[int, int]]]], ...] = (
            ("secret", _secrets),
            ("link", _matches(_LINK)),
            ("e-mail address", _matches(_MAIL)),
            ("path", _matches(_PATH)),
            ("network address", _addresses),
            ("postal address", _matches(_POSTAL)),
            ("telephone number", _telephones),
            ("long number", _matches(_NUMBER)),
        )
        for rule, find in rules:
            found = self._replaced(found, rule, find(found))
        return found

    def _without_known(self, text: str) -> str:
        letters = [one.casefold() for one in text]
        folded = "".join(letters)
        # Letters may fold to two: where each letter of the folded text stands in the text.
        place = [at for at, letter in enumerate(letters) for _ in letter]
        spans = [
            (place[one.start()], place[one.end() - 1] + 1)
            for value in self._known
            if value in folded
            for one in re.finditer(re.escape(value), folded)
        ]
        return self._replaced(text, "known name", spans)

    def _replaced(self, text: str, rule: str, spans: list[tuple[int, int]]) -> str:
        for start, end in reversed(_merged(spans)):
            text = f"{text[:start]}[{rule}]{text[end:]}"
            self.taken[rule] += 1
        return text


def _plain(text: str) -> str:
    kept = unicodedata.normalize("NFKC", text)
    return "".join(
        one
        for one in kept
        if one in "\n\t" or unicodedata.category(one) not in {"Cf", "Cc", "Co", "Cs"}
    )


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged


def _matches(pattern: re.Pattern[str]) -> Callable[[str], list[tuple[int, int]]]:
    return lambda text: [one.span() for one in pattern.finditer(text)]


def _addresses(text: str) -> list[tuple[int, int]]:
    spans = [one.span() for one in _DOTTED.finditer(text)]
    spans += [one.span() for one in _HARDWARE.finditer(text)]
    for one in _COLONS.finditer(text):
        try:
            ipaddress.ip_interface(one[0].rstrip(".:") if not one[0].endswith("::") else one[0])
        except ValueError:
            continue
        spans.append(one.span())
    return spans


def _telephones(text: str) -> list[tuple[int, int]]:
    import phonenumbers

    spans = []
    for region in _REGIONS:
        leniency = phonenumbers.Leniency.POSSIBLE if region == "ZZ" else phonenumbers.Leniency.VALID
        found = phonenumbers.PhoneNumberMatcher(text, region, leniency=leniency)
        spans += [(one.start, one.end) for one in found]
    return spans


def _secrets(text: str) -> list[tuple[int, int]]:
    spans = [one.span() for one in _KEY_BLOCK.finditer(text)]
    spans += [one.span() for one in _TOKEN.finditer(text)]
    spans += [one.span("value") for one in _ASSIGNED.finditer(text)]
    for plugin in _plugins():
        for value in plugin.analyze_string(text):
            if value:
                spans += [one.span() for one in re.finditer(re.escape(value), text)]
    return spans


@lru_cache(maxsize=1)
def _plugins() -> tuple[Any, ...]:
    """The pattern plugins of detect-secrets.

    Imported here: it brings requests, which is used by nothing that is called here.
    """
    from detect_secrets.plugins import (
        artifactory,
        aws,
        azure_storage_key,
        basic_auth,
        cloudant,
        discord,
        github_token,
        gitlab_token,
        ibm_cloud_iam,
        ibm_cos_hmac,
        jwt,
        mailchimp,
        npm,
        openai,
        pypi_token,
        sendgrid,
        slack,
        softlayer,
        square_oauth,
        stripe,
        telegram_token,
        twilio,
    )

    return (
        artifactory.ArtifactoryDetector(),
        aws.AWSKeyDetector(),
        azure_storage_key.AzureStorageKeyDetector(),
        basic_auth.BasicAuthDetector(),
        cloudant.CloudantDetector(),
        discord.DiscordBotTokenDetector(),
        github_token.GitHubTokenDetector(),
        gitlab_token.GitLabTokenDetector(),
        ibm_cloud_iam.IbmCloudIamDetector(),
        ibm_cos_hmac.IbmCosHmacDetector(),
        jwt.JwtTokenDetector(),
        mailchimp.MailchimpDetector(),
        npm.NpmDetector(),
        openai.OpenAIDetector(),
        pypi_token.PypiTokenDetector(),
        sendgrid.SendGridDetector(),
        slack.SlackDetector(),
        softlayer.SoftlayerDetector(),
        square_oauth.SquareOAuthDetector(),
        stripe.StripeDetector(),
        telegram_token.TelegramBotTokenDetector(),
        twilio.TwilioKeyDetector(),
    )
