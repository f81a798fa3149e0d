"""G.711: the codes of the recommendation, and that a tone survives."""

import pytest

from tests.media import tones
from tests.media.g711 import BY_PAYLOAD_TYPE, LAWS, PCMA, PCMU


@pytest.mark.parametrize(
    ("law", "code", "sample"),
    [
        (PCMU, 0xFF, 0),
        (PCMU, 0x7F, 0),
        (PCMU, 0x80, 32124),
        (PCMU, 0x00, -32124),
        (PCMU, 0xFE, 8),
        (PCMU, 0xEF, 132),
        (PCMA, 0xD5, 8),
        (PCMA, 0x55, -8),
        (PCMA, 0xAA, 32256),
        (PCMA, 0x2A, -32256),
        (PCMA, 0xC5, 264),
        (PCMA, 0xF5, 528),
    ],
)
def test_a_code_has_its_value(law, code, sample):
    assert list(law.decode(bytes([code]))) == [sample]


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_every_value_is_encoded_as_a_code_that_has_it(law):
    every = bytes(range(256))
    assert law.decode(law.encode(law.decode(every))) == law.decode(every)


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_a_sample_is_encoded_within_half_a_step(law):
    samples = range(-32768, 32768, 4)
    for sample, value in zip(samples, law.decode(law.encode(samples)), strict=True):
        assert abs(sample - value) <= max(16, (abs(sample) + 132) / 32) or abs(sample) > 32124  # the ends of the laws


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_a_tone_survives(law):
    tone = law.decode(law.encode(tones.Tone(440).samples(1600)))
    assert tones.amplitude(tone, 440) == pytest.approx(tones.LOUD, rel=0.01)
    assert tones.amplitude(tone, 600) < 0.01 * tones.LOUD


def test_the_payload_types_are_the_static_ones():
    assert BY_PAYLOAD_TYPE == {0: PCMU, 8: PCMA}
