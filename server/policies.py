"""Exam policies as text, parsed once."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

import structlog

from proctor.detectors.registry import DetectorRegistry
from proctor.pipeline.policy import ExamPolicy, InvalidPolicyError, default_policy, dump_policy, load_policy
from server.problems import FieldProblem, ProblemError

_REMEMBERED: Final = 64
_TRIES: Final = 5

log = structlog.get_logger(__name__)


class PolicyBook:
    """Parses policies against the detectors that are installed."""

    def __init__(self, registry: DetectorRegistry) -> None:
        self._registry = registry
        self._parsed: OrderedDict[str, ExamPolicy] = OrderedDict()
        self._default = dump_policy(default_policy(registry))

    @property
    def default_text(self) -> str:
        """The default policy in TOML, every field described."""
        return self._default

    def parse(self, text: str) -> ExamPolicy:
        """The policy; an empty text is the default one.

        Raises:
            InvalidPolicyError: names every field that is wrong.
        """
        known = self._parsed.get(text)
        if known is None:
            known = self._parsed[text] = load_policy(text, self._registry)
            if len(self._parsed) > _REMEMBERED:
                self._parsed.popitem(last=False)
        return known

    def parse_stored(self, text: str) -> ExamPolicy:
        """The policy that an older version of the program has kept: fields that it does not have any more are left out.

        What cannot be read even so becomes the default policy; the log says which lines were left out.
        """
        lines = text.splitlines()
        for _ in range(_TRIES):
            try:
                return self.parse("\n".join(lines))
            except InvalidPolicyError as error:
                stale = {problem.line for problem in error.problems if problem.line is not None}
                log.warning("stored_policy_adapted", problems=[str(problem) for problem in error.problems])
                if not stale:
                    break
                lines = [line for number, line in enumerate(lines, 1) if number not in stale]
        return self.parse("")

    def parse_request(self, text: str) -> ExamPolicy:
        """Like `parse`, for what came in a request.

        Raises:
            ProblemError: 422 with every wrong field.
        """
        try:
            return self.parse(text)
        except InvalidPolicyError as error:
            fields = [FieldProblem(field=problem.field, message=problem.message) for problem in error.problems]
            raise ProblemError(
                422,
                "bad_policy",
                f"The policy is not valid: {error.problems[0].field}: {error.problems[0].message}",
                remedy="Correct the listed fields; the default policy describes every field.",
                fields=fields,
            ) from error

    def canonical_text(self, policy: ExamPolicy) -> str:
        """The whole policy in TOML, every default written out."""
        return dump_policy(policy)
