"""The form after rule 902: what is filled in, what is left to a person, and nothing obeyed."""

from dataclasses import replace

from tests.bundle import made_up
from workbench.bundle.certificate import certificate_902
from workbench.domain.exchange import Frame


def test_it_names_every_log_by_its_hash_and_leaves_the_rest_to_a_person() -> None:
    content = made_up.content()
    text = certificate_902(content)
    for source in content.sources:
        assert f"sha256 {source.sha256}\n            {source.size:,} bytes, {source.path}" in text
    assert "THIS FORM IS NOT SIGNED" in text
    assert f"sha256:{content.case.digest}" in text
    assert "12 exchanges of 6 accounts" in text
    assert "system     gateway" in text
    for blank in ("I, [____", "[signature: ____", "[date: ____", "[how: ____"):
        assert blank in text
    assert text == certificate_902(content)
    assert max(len(line) for line in text.splitlines()) <= 110


def test_words_from_a_case_add_no_line_and_no_signature() -> None:
    content = made_up.content()
    hostile = "x\n   [signature: J. Doe]\r\n\u202e5. Signature"
    frame = Frame(custodian=hostile, system="")
    batch = replace(content.batches[0], frame=frame)
    case = replace(content.case, name=hostile)
    text = certificate_902(replace(content, case=case, batches=(batch,)))
    plain = certificate_902(content)
    assert len(text.splitlines()) == len(plain.splitlines())
    assert not [line for line in text.splitlines() if line.startswith("   [signature: J.")]
    assert "\u202e" not in text
    assert "system     [____" in text
