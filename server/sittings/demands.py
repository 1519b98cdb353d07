"""What a sitting's policy demands of a recording of the room."""

from __future__ import annotations

from proctor.detectors.rules.room_scan_incomplete import RoomScanIncompleteConfig
from proctor.domain.guided import REQUIRED_DEG
from proctor.domain.signals import SignalKind
from server.policies import PolicyBook
from server.sittings.repository import SittingRepository


class RoomDemands:
    """Looks it up by sitting."""

    def __init__(self, repository: SittingRepository, policies: PolicyBook) -> None:
        self._repository = repository
        self._policies = policies

    async def required_deg(self, sitting_id: str) -> float:
        """Degrees that make a room scan complete."""
        sitting = await self._repository.get(sitting_id)
        if sitting is None:
            return REQUIRED_DEG
        rule = self._policies.parse_stored(sitting.policy_toml).detectors.get(SignalKind.ROOM_SCAN_INCOMPLETE)
        return rule.coverage_deg if isinstance(rule, RoomScanIncompleteConfig) else REQUIRED_DEG
