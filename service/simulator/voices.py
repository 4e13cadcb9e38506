"""Sound for typed words, so that a message that was typed can be played: a hum as long as they take."""

import io
import math
import struct
import wave

RATE = 8000
PER_WORD = 0.35  # seconds
LOUDNESS = 3000


def hum(words: str) -> bytes:
    """A WAV in which every word is a short hum."""
    frames = bytearray()
    for place, word in enumerate(words.split() or ["..."]):
        pitch = 140 + 12 * ((len(word) + place) % 5)
        count = int(RATE * PER_WORD)
        for at in range(count):
            swell = math.sin(math.pi * at / count)
            level = LOUDNESS * swell * math.sin(2 * math.pi * pitch * at / RATE)
            frames += struct.pack("<h", int(level))
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(frames))
    return made.getvalue()


def seconds(audio: bytes) -> int:
    """How long a WAV is, rounded up; for anything else, a guess by its size."""
    try:
        with wave.open(io.BytesIO(audio)) as file:
            return max(1, math.ceil(int(file.getnframes()) / int(file.getframerate())))
    except (wave.Error, EOFError):
        return max(1, len(audio) // 4000)
