"""`proctor listen`: loudness, level, speech and voices of recordings."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import av
import numpy as np
import typer
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from models.registry import InstalledModels
from proctor.analyzers.loudness import LevelCurve, LoudnessMeter
from proctor.analyzers.sound import SpeechAnalyzer
from proctor.analyzers.voices import VoiceAnalyzer
from proctor.domain.errors import MediaError, ProctorError
from proctor.domain.time import NS_PER_S, MediaTime
from server.cli.progress import with_progress
from server.perception.recorded import SoundPlacer

BAD_INPUT: Final = 2


def listen(
    audio: Annotated[list[Path], typer.Argument(help="Sound files, or videos with sound.", metavar="AUDIO...")],
) -> None:
    """Measure recordings: integrated loudness, level, where somebody speaks, and how many voices there are.

    Writes a JSON line for each file: lufs after ITU-R BS.1770-4 (null when nothing is louder than -70 LUFS), dbfs_p50
    and dbfs_p95 of the RMS level over 125 ms, speech as pairs of start and end in seconds, speech_ratio as its part of
    the whole length.
    voices is how many different voices were heard: 0 where there is no speech, null where it cannot be told because
    nobody speaks clearly for two seconds. People who keep interrupting each other may be counted as one.

    Exit code 0 when every file was measured; 2 when one cannot be, with one line on standard error for each.
    """
    try:
        installed = InstalledModels()
        ears = Ears(SpeechAnalyzer.load(installed), VoiceAnalyzer.load(installed))
    except ProctorError as error:
        _complain(str(error))
        raise typer.Exit(BAD_INPUT) from error
    unusable = False
    for path in with_progress(audio, "Listening"):
        try:
            line = measure(path, ears)
        except MediaError as error:
            _complain(str(error))
            unusable = True
            continue
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    if unusable:
        raise typer.Exit(BAD_INPUT)


@dataclass(frozen=True, slots=True, eq=False)
class Ears:
    """The analyzers, shared by all files."""

    speech: SpeechAnalyzer
    voices: VoiceAnalyzer


def measure(path: Path, ears: Ears) -> dict[str, object]:
    """Measure one file, in memory that does not grow with its length.

    Raises:
        MediaError: the file holds no sound that can be decoded.
    """
    placer = SoundPlacer()
    curve, windows, voices = ears.speech.curve(), ears.speech.stream(), ears.voices.stream()
    loudness: LevelFeed | None = None
    for at, frame in decoded_sound(path):
        loudness = loudness or LevelFeed(frame)
        loudness.add(frame)
        for chunk in placer.place(at, frame):
            curve.observe(chunk)
            voices.observe(chunk, windows.observe(chunk))
    curve.finish()
    if loudness is None or not curve.duration_s:
        raise MediaError(f"{path}: no sound in it can be decoded")
    segments = curve.segments()
    lufs = loudness.finish()
    p50, p95 = loudness.levels.percentiles(50, 95)
    return {
        "file": str(path),
        "lufs": None if lufs is None else round(lufs, 2),
        "dbfs_p50": round(p50, 2),
        "dbfs_p95": round(p95, 2),
        "speech": [[round(start, 3), round(end, 3)] for start, end in segments],
        "speech_ratio": round(sum(end - start for start, end in segments) / curve.duration_s, 4),
        "voices": voices.voices if segments else 0,
    }


class LevelFeed:
    """Brings decoded sound to floating point at its own rate, at most two channels, for both meters."""

    def __init__(self, first: AudioFrame) -> None:
        layout = "mono" if first.layout.nb_channels == 1 else "stereo"
        self._resampler = AudioResampler(format="fltp", layout=layout, rate=first.sample_rate)
        self._loudness = LoudnessMeter(first.sample_rate)
        self.levels = LevelCurve(first.sample_rate)

    def add(self, frame: AudioFrame) -> None:
        """Take the next frame."""
        frame.pts = None
        for piece in self._resampler.resample(frame):
            samples = np.ascontiguousarray(piece.to_ndarray().T, dtype=np.float32)
            self._loudness.add(samples)
            self.levels.add(samples)

    def finish(self) -> float | None:
        """Integrated loudness in LUFS; None when there is nothing above the gate."""
        return self._loudness.finish()


def decoded_sound(path: Path) -> Iterator[tuple[MediaTime | None, AudioFrame]]:
    """Frames of a file's first sound track with their times; damaged parts are passed over.

    Raises:
        MediaError: the file cannot be opened or has no sound.
    """
    if not path.is_file():
        raise MediaError(f"{path}: no such file")
    try:
        with av.open(str(path), "r", options={"protocol_whitelist": "file"}) as container:
            if not container.streams.audio:
                raise MediaError(f"{path}: there is no sound in it")
            packets = container.demux(container.streams.audio[0])
            while (packet := next(packets, None)) is not None:
                try:
                    frames = packet.decode()
                except av.error.FFmpegError:
                    continue
                for frame in frames:
                    if isinstance(frame, AudioFrame):
                        yield _time(frame, container.start_time), frame
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise MediaError(f"{path}: {getattr(error, 'strerror', None) or error}") from error


def _time(frame: AudioFrame, start_time: int | None) -> MediaTime | None:
    if frame.pts is None or frame.time_base is None:
        return None
    begin_s = (start_time or 0) / av.time_base
    return MediaTime(max(0, round((frame.pts * float(frame.time_base) - begin_s) * NS_PER_S)))


def _complain(message: str) -> None:
    sys.stderr.write(f"proctor listen: {message}\n")
