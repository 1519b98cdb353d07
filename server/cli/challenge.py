"""`proctor challenge`: draw tasks at random, and judge a clip of a person who did them."""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.registry import InstalledModels
from proctor.analyzers.faces import FaceAnalyzer
from proctor.challenge.judgement import ChallengeResult, FaceSample, Outcome, judge
from proctor.challenge.tasks import Challenge, draw
from proctor.domain.errors import MediaError, ProctorError
from proctor.domain.media import Frame, TrackKind
from proctor.domain.time import SITTING_START, to_s
from proctor.pipeline.challenge import face_sample
from server.cli.liveness import pictures
from server.cli.progress import with_progress

NOT_PASSED: Final = 1
BAD_INPUT: Final = 2
SEED_BYTES: Final = 16
PICTURES_PER_S: Final = 10.0

app = typer.Typer(help="An active challenge: draw tasks at random, judge a clip of them.", no_args_is_help=True)


class DrawnChallenge(BaseModel):
    """What `draw` writes and `judge` reads; the tasks follow from the seed and stand there for people."""

    model_config = ConfigDict(extra="ignore")

    seed: str = Field(pattern=r"^[0-9a-f]{32,128}$")


@app.command("draw")
def draw_challenge(
    seed: Annotated[
        str | None,
        typer.Option(help="Draw the tasks of this seed again, as an entry check_begun holds it; a new one otherwise."),
    ] = None,
) -> None:
    """Draw a challenge and write it as one JSON object.

    "tasks" has kind (turn_left, turn_right: turn the head to your own left or right and come back; flash_red,
    flash_green, flash_blue: sit still while the whole screen has that colour; dot_left, dot_right: look at that edge of
    the screen and back at its middle), start_s and end_s, in seconds from the
    start of the recording. "seed" is what the challenge is judged by: the person must not know it beforehand.
    """
    try:
        drawn = DrawnChallenge(seed=secrets.token_hex(SEED_BYTES) if seed is None else seed)
        challenge = draw(bytes.fromhex(drawn.seed))
    except ValueError as error:
        _complain("a seed is an even number of hexadecimal digits in small letters, 32 to 128 of them")
        raise typer.Exit(BAD_INPUT) from error
    document = {"seed": drawn.seed, "tasks": _tasks(challenge), "end_s": round(to_s(challenge.end), 3)}
    sys.stdout.write(json.dumps(document) + "\n")


@app.command("judge")
def judge_clips(
    challenge: Annotated[Path, typer.Argument(help="File that `proctor challenge draw` wrote.", metavar="CHALLENGE")],
    clips: Annotated[list[Path], typer.Argument(help="Recordings that begin with the challenge.", metavar="CLIP...")],
) -> None:
    """Judge whether the person in a clip did what was asked, when it was asked.

    Writes a JSON line for each clip: outcome ("passed", "failed" or "cannot_tell") and tasks, each with its own outcome
    and what was measured (degrees of yaw for a turn and of the look for a dot, change of the colour's share of the
    skin's colour for a flash). A bright room hides a flash, glasses and lids hide eyes; a person decides.

    Exit code 0 when every clip passed; 1 when one did not; 2 when a file cannot be read.
    """
    try:
        asked = draw(bytes.fromhex(_read(challenge).seed))
        faces = FaceAnalyzer.load(InstalledModels())
    except ProctorError as error:
        _complain(str(error))
        raise typer.Exit(BAD_INPUT) from error
    code = 0
    for path in with_progress(clips, "Judging"):
        try:
            result = judge(asked, samples(faces, path))
        except MediaError as error:
            _complain(str(error))
            code = BAD_INPUT
            continue
        sys.stdout.write(json.dumps(_line(path, result), ensure_ascii=False) + "\n")
        if result.outcome is not Outcome.PASSED:
            code = max(code, NOT_PASSED)
    if code:
        raise typer.Exit(code)


def samples(faces: FaceAnalyzer, path: Path) -> list[FaceSample]:
    """Pose, skin colour and look of the largest face, ten times a second.

    Raises:
        MediaError: the file cannot be read.
    """
    return [
        face_sample(faces, Frame(TrackKind.CAMERA, at, rgb), SITTING_START)[0]
        for at, rgb in pictures(path, PICTURES_PER_S)
    ]


def _read(path: Path) -> DrawnChallenge:
    try:
        return DrawnChallenge.model_validate_json(path.read_bytes())
    except OSError as error:
        raise MediaError(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        raise MediaError(f"{path}: not a challenge that `proctor challenge draw` wrote") from error


def _tasks(challenge: Challenge) -> list[dict[str, object]]:
    return [
        {"kind": task.kind.value, "start_s": round(to_s(task.start), 3), "end_s": round(to_s(task.end), 3)}
        for task in challenge.tasks
    ]


def _line(path: Path, result: ChallengeResult) -> dict[str, object]:
    return {
        "file": str(path),
        "outcome": result.outcome.value,
        "tasks": [
            {
                "kind": each.task.kind.value,
                "outcome": each.outcome.value,
                "measured": None if each.measured is None else round(each.measured, 4),
            }
            for each in result.tasks
        ],
    }


def _complain(message: str) -> None:
    sys.stderr.write(f"proctor challenge: {message}\n")
