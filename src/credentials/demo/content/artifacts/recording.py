"""A sound file that stands for a recorded conversation: two voices of soft tones, taking turns."""

import io
import math
import wave

RATE = 8_000
"""Samples a second: what a telephone has."""
LOW, HIGH = 140, 230
"""The pitch of the two voices, in hertz."""


def recording_wav(*, seconds: int, seed: int) -> bytes:
    """A WAV file: mono, 8 bits, 8 kHz. ``seed`` decides how long each syllable lasts and how high it is."""
    samples = bytearray()
    syllable = 0
    while len(samples) < seconds * RATE:
        draw = (seed >> (syllable * 5 % 27)) + syllable * 7
        voice = HIGH if syllable // 6 % 2 else LOW
        samples += _tone(voice + draw % 40, RATE * (14 + draw % 9) // 100)
        samples += b"\x80" * (RATE * (3 + draw % 4) // 100 if syllable % 6 < 5 else RATE // 4)
        syllable += 1
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(bytes(samples[: seconds * RATE]))
    return out.getvalue()


def _tone(pitch: int, length: int) -> bytes:
    """A tone that swells and fades. 8-bit samples are unsigned, with silence at 128."""
    sin, step, swell = math.sin, 2 * math.pi * pitch / RATE, math.pi / length
    return bytes([128 + int(38 * sin(at * swell) * sin(at * step)) for at in range(length)])
