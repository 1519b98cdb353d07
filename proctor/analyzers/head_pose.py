"""Head pose from the axes of mediapipe's face mesh.

The mesh gives 478 points with depth. Its lateral axis is the mean of vectors between points that mirror each other,
its vertical axis runs from chin to forehead along the middle; pitch and roll are theirs. No camera has to be known:
angles are those against the line from camera to face.

Depth is what the network knows least: turned heads come out flatter and less turned than they are, some people's by
twice as much as others'. So yaw is taken from where the points lie in the picture alone: it is the turn that brings a
symmetric face's points nearest to them in scaled orthographic projection. The little by which the network still draws
turned heads too frontal, and everybody a little too far to one side, was measured on portraits turned in space by known
angles, of other people than those that the report is about (`benchmarks/accuracy/yaw_template.py`), and is taken out.

What remains is largest where a head is turned far, and differs from picture to picture more than from person to person:
one half of the face is lit, painted or hidden otherwise than the other. A picture and its mirror image err in it
differently, so a head is measured both ways, and its pose is their mean, wherever there is time or reason to: in every
thorough look, where it is turned far, and where a part of the face lies beyond the edge of the picture. Where the two
disagree by more than `MOST_DISAGREEMENT_DEG`, or `MOST_FAR_DISAGREEMENT_DEG`, the landmarks support no judgement, and
the pose cannot be told.
"""

from __future__ import annotations

import math
import warnings
import weakref
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.geometry import Picture, Points, inverse, map_points, square_crop_transform, warp
from proctor.analyzers.mediapipe_graph import Graph, quiet
from proctor.domain.observations import Box, HeadPose
from proctor.ports.model_files import ModelFiles

MeshPoints = NDArray[np.float64]
"""Shape (478, 3): x, y in pixels, depth in the same unit, growing away from the camera."""

CROP_CONTEXT: Final = 1.6
"""The mesh wants forehead and chin with some room around them."""
CROP_PX: Final = 256
LEAST_DETECTION_CONFIDENCE: Final = 0.3
LEAST_HEIGHT_PX: Final = 32.0
"""Smaller faces give no mesh worth measuring."""
LARGEST_TURN_DEG: Final = 80.0
"""Beyond it the far half of the mesh is invented."""
MEASURED_BOTH_WAYS_DEG: Final = 20.0
"""Turn from which on the mirror image is always measured: rare in a calm sitting, and well before any rule's
threshold."""
MOST_DISAGREEMENT_DEG: Final = 8.0
"""By how much picture and mirror image may differ in yaw: twice the most, 4.2, by which small turns of the drawn heads
did that the measuring was fitted to. A face that is cut in half by the edge of a picture did by 9."""
MOST_FAR_DISAGREEMENT_DEG: Final = 12.0
"""The same where their mean is turned far: twice 6.0. That such a head is turned is sure, only how far is not."""
LEAN_DEG: Final = 0.73
"""A mesh is turned by so much too far to the right of the picture: half of what it and the mirror image's differ by on
average."""
STRETCH: Final = (0.8687, 0.01376, -0.0001981)
"""A mesh turned by m degrees stands for a m + b m |m| + c m³: 15.5 for 15, 30.8 for 28, 44.1 for 40."""
STRETCHED_UP_TO_DEG: Final = 45.0
"""Turn of the mesh from which on it is only shifted: nothing was measured beyond."""
FARTHEST_CENTRE: Final = 0.35
"""Largest distance between the centres of mesh and box, in box heights."""
SIZE_RATIOS: Final = (0.5, 1.5)
"""Least and largest height of the mesh, in box heights."""

MIRRORED: Final = np.array(
    [
        (33, 263), (133, 362), (234, 454), (127, 356), (162, 389), (21, 251), (93, 323),
        (132, 361), (71, 301), (68, 298), (103, 332), (50, 280), (123, 352), (116, 345),
    ]
)  # fmt: skip
"""Pairs of mesh points on the candidate's right and left: eye corners, temples, cheeks; none that a mouth moves."""
MIDLINE: Final = np.array([10, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1])
"""Mesh points in the middle, from the forehead to the tip of the nose."""
RIGHT_SIDE: Final = (
    (-0.8, 0.077, 0.131), (-0.307, 0.056, 0.227), (-1.208, -0.297, -0.845), (-1.213, -0.048, -0.777),
    (-1.19, 0.218, -0.608), (-1.138, 0.435, -0.385), (-1.195, -0.549, -0.837), (-1.16, -0.822, -0.772),
    (-1.081, 0.379, -0.127), (-0.98, 0.545, 0.066), (-0.881, 0.802, 0.054), (-0.86, -0.515, 0.271),
    (-1.102, -0.482, -0.036), (-1.119, -0.246, -0.077),
)  # fmt: skip
"""Where the mean of frontal faces has the first points of `MIRRORED`: x, y up, z toward the camera; the second mirror
them. Unit: root mean square distance of all points from their middle in the picture's plane."""
MIDDLE: Final = (
    (0.968, 0.391), (0.713, 0.474), (0.446, 0.542), (0.298, 0.526), (0.162, 0.525), (0.028, 0.611),
    (-0.092, 0.709), (-0.207, 0.815), (-0.332, 0.924), (-0.485, 0.974), (-0.604, 0.94),
)  # fmt: skip
"""Where it has those of `MIDLINE`: y, z."""
TEMPLATE_POINTS: Final = np.concatenate([MIRRORED[:, 0], MIRRORED[:, 1], MIDLINE])
TEMPLATE: Final = np.array(
    [*RIGHT_SIDE, *((-x, y, z) for x, y, z in RIGHT_SIDE), *((0.0, y, z) for y, z in MIDDLE)], np.float64
)
TO_TEMPLATE: Final = np.linalg.pinv(TEMPLATE - TEMPLATE.mean(axis=0))
"""Shape (3, 39): the least-squares map from points of the picture to the axes of the template."""
FOREHEAD: Final = 10
CHIN: Final = 152
EYES_NOSE_MOUTH: Final = ((33, 133), (362, 263), (1, 1), (61, 61), (291, 291))
"""Mesh points whose means are the five landmarks that encoders align by: eyes, nose tip, mouth corners."""


class FaceMesh:
    """Face mesh in static mode, shared by all sittings of a process: no picture changes what is found in the next.

    Pose and identity ask for the mesh of the same face of the same picture one after the other, so the last is kept.
    """

    def __init__(self, files: ModelFiles) -> None:
        self._last: tuple[weakref.ref[Picture], Box, MeshPoints | None] | None = None
        files.path("face_mesh")
        self.model = f"face_mesh@{files.version('face_mesh')}"
        with quiet():
            self._graph = Graph(_start_graph(), "multi_face_landmarks")
            self._graph.landmarks(np.zeros((CROP_PX, CROP_PX, 3), np.uint8))

    def points(self, rgb: Picture, box: Box) -> MeshPoints | None:
        """Mesh of the face in that box, in pixels of the picture; None where the mesh does not find that face."""
        if box[3] < LEAST_HEIGHT_PX:
            return None
        last = self._last
        if last is not None and last[0]() is rgb and last[1] == box:
            return last[2]
        points = self._found(rgb, box)
        self._last = weakref.ref(rgb), box, points
        return points

    def pose(self, rgb: Picture, box: Box, *, both_ways: bool = False) -> HeadPose | None:
        """Pose of the face in that box, or None as in `supported_pose` and `pose_both_ways`.

        A look that need not measure `both_ways` does where the head is turned far or lies partly beyond the picture.
        """
        points = self.points(rgb, box)
        pose = supported_pose(points)
        if points is None or pose is None:
            return None
        doubtful = abs(pose.yaw_deg) >= MEASURED_BOTH_WAYS_DEG or not _is_whole(points, rgb)
        return self.pose_both_ways(rgb, box) if both_ways or doubtful else pose

    def pose_both_ways(self, rgb: Picture, box: Box) -> HeadPose | None:
        """Mean pose of the picture and of its mirror image; that of the picture where the other shows no face.

        None as in `supported_pose`, and where the two disagree too far.
        """
        points, mirrored = self.points(rgb, box), self._found(rgb, box, mirrored=True)
        if points is None or mirrored is None:
            return supported_pose(points)
        return agreed_pose(head_pose(points), head_pose(mirrored * (-1.0, 1.0, 1.0)))

    def _found(self, rgb: Picture, box: Box, *, mirrored: bool = False) -> MeshPoints | None:
        """Mesh in pixels of the picture; of the mirror image it has each point where its pair lies."""
        transform = square_crop_transform(box, context=CROP_CONTEXT, size_px=CROP_PX)
        crop = warp(rgb, transform, CROP_PX)
        found = self._graph.landmarks(np.ascontiguousarray(crop[:, ::-1]) if mirrored else crop)
        if not found:
            return None
        points = np.array([(point.x, point.y, point.z) for point in found[0].landmark], np.float64) * CROP_PX
        if mirrored:
            points[:, 0] = CROP_PX - points[:, 0]
        points[:, :2] = map_points(inverse(transform), points[:, :2])
        points[:, 2] /= transform[0, 0]
        return points if _lies_in(points, box) else None


def five_landmarks(points: MeshPoints) -> Points:
    """Eyes, nose tip and mouth corners, those on the picture's left first; steadier under tilt than a detector's."""
    return np.array([points[list(pair), :2].mean(axis=0) for pair in EYES_NOSE_MOUTH])


def supported_pose(points: MeshPoints | None) -> HeadPose | None:
    """Angles of a mesh, or None where they would be a guess: no mesh, or a turn beyond what it can see."""
    return None if points is None else _supported(head_pose(points))


def agreed_pose(pose: HeadPose, mirrored: HeadPose) -> HeadPose | None:
    """Mean of the pose in a picture and, `mirrored`, that in its mirror image; None as in `pose_both_ways`."""
    mean = HeadPose(
        yaw_deg=(pose.yaw_deg - mirrored.yaw_deg) / 2,
        pitch_deg=(pose.pitch_deg + mirrored.pitch_deg) / 2,
        roll_deg=(pose.roll_deg - mirrored.roll_deg) / 2,
    )
    is_far = abs(mean.yaw_deg) >= MEASURED_BOTH_WAYS_DEG
    most_deg = MOST_FAR_DISAGREEMENT_DEG if is_far else MOST_DISAGREEMENT_DEG
    return _supported(mean) if abs(pose.yaw_deg + mirrored.yaw_deg) <= most_deg else None


def head_pose(points: MeshPoints) -> HeadPose:
    """Angles of a mesh in the signs of `HeadPose`: positive yaw and roll go to the picture's right, pitch goes up."""
    axes = points * (1.0, -1.0, -1.0)  # x to the picture's right, y up, z toward the camera
    lateral = _unit((axes[MIRRORED[:, 1]] - axes[MIRRORED[:, 0]]).sum(axis=0))
    vertical = axes[FOREHEAD] - axes[CHIN]
    vertical = _unit(vertical - lateral * float(vertical @ lateral))
    forward = np.cross(lateral, vertical)
    yaw = math.atan2(forward[0], forward[2])
    pitch = math.asin(float(np.clip(forward[1], -1.0, 1.0)))
    level_right = np.array([math.cos(yaw), 0.0, -math.sin(yaw)])
    level_up = np.cross(forward, level_right)
    roll = math.atan2(float(vertical @ level_right), float(vertical @ level_up))
    yaw_deg = true_yaw_deg(mesh_yaw_deg(points) - LEAN_DEG)
    return HeadPose(yaw_deg=yaw_deg, pitch_deg=math.degrees(pitch), roll_deg=math.degrees(roll))


def mesh_yaw_deg(points: MeshPoints) -> float:
    """Yaw at which the template lies nearest to the mesh in the picture, before lean and stretch.

    Scaled orthographic projection: the two rows of the least-squares map from template to picture, made orthonormal,
    are the picture's axes as the head has them (D. F. DeMenthon and L. S. Davis, "Model-based object pose", 1995).
    """
    seen = points[TEMPLATE_POINTS, :2] * (1.0, -1.0)
    mapped = (TO_TEMPLATE @ (seen - seen.mean(axis=0))).T
    left, _, right = np.linalg.svd(mapped, full_matrices=False)
    across, up = left @ right
    return math.degrees(math.atan2(float(across[2]), float(np.cross(across, up)[2])))


def true_yaw_deg(turned_deg: float) -> float:
    """Yaw of the head whose mesh comes out turned by so much, its lean taken off."""
    within = max(-STRETCHED_UP_TO_DEG, min(STRETCHED_UP_TO_DEG, turned_deg))
    size = abs(within)
    return within * (STRETCH[0] + STRETCH[1] * size + STRETCH[2] * size * size) + (turned_deg - within)


def _supported(pose: HeadPose) -> HeadPose | None:
    return pose if abs(pose.yaw_deg) <= LARGEST_TURN_DEG else None


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return vector / np.linalg.norm(vector)


def _is_whole(points: MeshPoints, rgb: Picture) -> bool:
    """Whether the picture shows every point that the yaw is measured by."""
    places = points[TEMPLATE_POINTS, :2]
    return bool((places >= 0).all() and (places < (rgb.shape[1], rgb.shape[0])).all())


def _lies_in(points: MeshPoints, box: Box) -> bool:
    """Whether mesh and box mean one face: centres close together, sizes alike."""
    lowest, highest = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    centre = (lowest + highest) / 2
    away = np.hypot(centre[0] - box[0] - box[2] / 2, centre[1] - box[1] - box[3] / 2)
    ratio = float(highest[1] - lowest[1]) / box[3]
    return bool(away <= FARTHEST_CENTRE * box[3] and SIZE_RATIOS[0] <= ratio <= SIZE_RATIOS[1])


def _start_graph() -> Any:  # noqa: ANN401 - mediapipe publishes no types
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations inside mediapipe and what it imports
        from mediapipe.python.solutions import face_mesh  # noqa: PLC0415 - costs a second and 100 MB

        return face_mesh.FaceMesh(
            static_image_mode=True,
            max_num_faces=1,
            refine_landmarks=True,
            min_detection_confidence=LEAST_DETECTION_CONFIDENCE,
        )
