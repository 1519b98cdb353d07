"""`proctor room-scan`: how much of a room does a recording show?"""

from __future__ import annotations

import json
import sys
from itertools import chain, count
from pathlib import Path
from typing import Annotated, Final

import cv2
import typer

from models.registry import InstalledModels
from proctor.analyzers.faces import FaceAnalyzer
from proctor.analyzers.objects import ObjectAnalyzer
from proctor.domain.errors import MediaError, ProctorError
from proctor.domain.media import Frame, TrackKind
from proctor.domain.time import MediaTime, to_s
from proctor.pipeline.room_scan import RoomInspector, thing_line
from proctor.roomscan.panorama import Panorama
from proctor.roomscan.scan import RoomScan, RoomScanResult
from server.cli.progress import Advanced, file_progress
from server.perception.decode import rgb_of
from server.perception.recorded import RecordedFile, RecordedPicture, StillPicture

BAD_INPUT: Final = 2
JPEG_QUALITY: Final = 90


def room_scan(
    video: Annotated[list[Path], typer.Argument(help="Recordings of rooms.", metavar="VIDEO")],
    panorama_dir: Annotated[
        Path | None,
        typer.Option("--panoramas", help="Folder for the panorama pictures; the current one otherwise."),
    ] = None,
) -> None:
    """Measure how much of a room recordings show, from their pictures alone.

    Writes a JSON line for each file: coverage_deg are the degrees that the camera turned through, by tracked features,
    without what an arm adds to a turn that did not come round; complete says whether it came round to where it began;
    people and objects were met on the way, each once; panorama is the path of a JPEG picture, named after the file
    (null where no picture could be placed). Where too few pictures showed anything that can be followed, the view was
    lost on the way, or the camera was carried about, cannot_tell says why (too_dark, too_plain, too_blurred, view_lost,
    moved), and coverage_deg is only what could be shown. least_deg and most_deg are what that comes to if the camera
    did not come round and was held at arm's length, or turned on the spot. untold_deg are the degrees past surfaces
    without anything to follow, whose both ends are known: they may have been shown.

    Exit code 0 when every recording was measured, complete or not; 2 when one cannot be, with one line on standard
    error for each.
    """
    try:
        files = InstalledModels()
        faces = FaceAnalyzer.load(files)
        inspector = RoomInspector(faces, ObjectAnalyzer.load(files, faces))
        folder = Panoramas(panorama_dir if panorama_dir is not None else Path())
    except (ProctorError, OSError) as error:
        _complain(str(error))
        raise typer.Exit(BAD_INPUT) from error
    unusable = False
    for path in video:
        try:
            line = measure(path, inspector, folder)
        except (MediaError, OSError) as error:
            _complain(str(error))
            unusable = True
            continue
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    if unusable:
        raise typer.Exit(BAD_INPUT)


class Panoramas:
    """A folder of pictures, one for each recording of a call.

    Raises:
        OSError: the folder cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._taken: set[Path] = set()

    def save(self, panorama: Panorama, recording: Path) -> Path:
        """Write a panorama and return its path; recordings of the same name get a number.

        Raises:
            OSError: it cannot be written.
        """
        names = (f"{recording.stem}{number}.panorama.jpg" for number in chain([""], (f"-{n}" for n in count(2))))
        path = next(path for path in (self._folder / name for name in names) if path not in self._taken)
        self._taken.add(path)
        bgr = cv2.cvtColor(panorama.rgb, cv2.COLOR_RGB2BGR)
        encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
        path.write_bytes(encoded.tobytes())
        return path


def measure(path: Path, inspector: RoomInspector, panoramas: Panoramas) -> dict[str, object]:
    """Measure one recording and write its panorama.

    Raises:
        MediaError: no picture in the file can be decoded.
        OSError: the panorama cannot be written.
    """
    recorded = RecordedFile(path)
    try:
        with file_progress(path.name, recorded.announced_s) as advanced:
            result = scan_of(recorded, advanced)
    finally:
        recorded.close()
    if recorded.damaged:
        _complain(f"{path}: {recorded.damaged} damaged parts were passed over")
    met = inspector.inspect(result.key_pictures)
    line: dict[str, object] = {
        "file": str(path),
        "coverage_deg": round(result.coverage_deg, 1),
        "least_deg": round(result.least_deg, 1),
        "most_deg": round(result.most_deg, 1),
        "complete": result.is_complete,
        "people": len(met.people),
        "objects": [thing_line(each) for each in met.objects],
        "panorama": None if met.panorama is None else str(panoramas.save(met.panorama, path)),
    }
    if result.cannot_tell is not None:
        line["cannot_tell"] = result.cannot_tell.value
    if result.untold:
        line["untold_deg"] = round(sum(sector.width_deg for sector in result.untold), 1)
    return line


def scan_of(recorded: RecordedFile, advanced: Advanced) -> RoomScanResult:
    """Go through the pictures of a recording.

    Raises:
        MediaError: it holds no picture that can be decoded.
    """
    scan = RoomScan()
    shown = False
    for item in recorded.items():
        if isinstance(item, StillPicture):
            scan.add(Frame(TrackKind.PHONE, MediaTime(0), item.rgb))
            shown = True
        elif isinstance(item, RecordedPicture):
            shown = True
            if scan.wants(item.at):
                scan.add(Frame(TrackKind.PHONE, item.at, rgb_of(item.picture)))
        advanced(to_s(recorded.progress))
    if not shown:
        raise MediaError(f"{recorded.path}: there are no pictures in it")
    return scan.finish()


def _complain(message: str) -> None:
    sys.stderr.write(f"proctor room-scan: {message}\n")
