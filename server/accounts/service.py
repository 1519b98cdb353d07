"""Log-ins and accounts."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from proctor.domain.text import Language
from proctor.ports.clock import Clock
from server.accounts.access import Caller, SittingOwnership
from server.accounts.passwords import Passwords
from server.accounts.repository import Account, AccountRepository, EmailTakenError
from server.accounts.schemas import AccountRequest, AccountView, Me
from server.accounts.throttle import LoginThrottle
from server.identifiers import new_identifier
from server.presence import Presence
from server.problems import ProblemError

log = structlog.get_logger(__name__)

IDLE: Final = timedelta(hours=8)
"""A log-in that was not used for so long has ended."""
ABSOLUTE: Final = timedelta(hours=24)
"""A log-in ends after so long, used or not."""
_TOUCH_EVERY: Final = timedelta(minutes=5)
_TOKEN_BYTES: Final = 32
_WATCH_EVERY_S: Final = 30.0


class AccountService:
    """Log-ins as rows on the server; the browser holds a random token, the database only its SHA-256."""

    def __init__(
        self, repository: AccountRepository, passwords: Passwords, throttle: LoginThrottle, clock: Clock
    ) -> None:
        self._repository = repository
        self._passwords = passwords
        self._throttle = throttle
        self._clock = clock
        self.presence = Presence()

    async def log_in(self, email: str, password: str, address: str, former: str | None = None) -> tuple[str, Me]:
        """The token for the cookie, and who it is; the log-in of the browser's `former` token ends.

        Raises:
            ProblemError: 401 wrong e-mail or password, 429 after too many failures.
        """
        self._throttle.check(email, address)
        found = await self._repository.by_email(email)
        async with self._passwords.turn():
            self._throttle.check(email, address)  # again: of many tries sent at once, others have failed by now
            matched = await self._passwords.matches(found[1] if found else None, password)
            if not matched:
                self._throttle.failed(email, address)
        if not matched or found is None:
            raise ProblemError(
                401,
                "wrong_log_in",
                "The e-mail or the password is not right.",
                remedy="Check both; the password distinguishes capital letters.",
            )
        account = found[0]
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        now = self._clock.now_utc()
        await self._repository.add_login(_sha256(token), account.account_id, now, now - ABSOLUTE)
        if former is not None:
            await self._end(_sha256(former))
        return token, _me(account)

    async def log_out(self, caller: Caller) -> None:
        """End the log-in that the request came with, and what it holds open."""
        await self._end(caller.login_sha256)

    async def caller(self, token: str) -> Caller | None:
        """Who holds the token; None when it is unknown or has expired."""
        login = await self._repository.login(_sha256(token))
        if login is None:
            return None
        now = self._clock.now_utc()
        if now - login.created_at > ABSOLUTE or now - login.used_at > IDLE:
            await self._end(login.caller.login_sha256)
            return None
        if now - login.used_at > _TOUCH_EVERY:
            await self._repository.touch_login(login.caller.login_sha256, now)
        return login.caller

    async def ownership(self, sitting_id: str) -> SittingOwnership | None:
        """Whose sitting it is."""
        return await self._repository.ownership(sitting_id)

    async def change_language(self, caller: Caller, language: Language) -> Me:
        """Change the caller's language."""
        await self._repository.set_language(caller.account_id, language)
        return Me(
            account_id=caller.account_id,
            email=caller.email,
            name=caller.name,
            role=caller.role,
            language=language,
        )

    async def create(self, request: AccountRequest) -> AccountView:
        """Make an account.

        Raises:
            ProblemError: 409 the e-mail has one.
        """
        account = Account(
            account_id=new_identifier(),
            email=request.email,
            name=request.name,
            role=request.role,
            language=request.language,
            created_at=self._clock.now_utc(),
        )
        try:
            await self._repository.add(account, await self._passwords.hash(request.password))
        except EmailTakenError:
            raise ProblemError(409, "email_taken", "Another account has this e-mail.") from None
        return AccountView.model_validate(account)

    async def set_password(self, email: str, password: str) -> bool:
        """Replace a password and end the account's log-ins; False when there is no such account."""
        found = await self._repository.by_email(email)
        if found is None:
            return False
        await self._repository.set_password(found[0].account_id, await self._passwords.hash(password))
        await self.close_ended()
        return True

    async def close_ended(self) -> None:
        """Close what is open for log-ins that have expired or were removed."""
        held = self.presence.logins()
        if held:
            now = self._clock.now_utc()
            for login in held - await self._repository.living(now - ABSOLUTE, now - IDLE):
                self.presence.end(login)

    async def watch(self) -> None:
        """Keep closing what outlives its log-in, until cancelled."""
        while True:
            await asyncio.sleep(_WATCH_EVERY_S)
            try:
                await self.close_ended()
            except SQLAlchemyError as error:
                log.warning("log_ins_not_checked", reason=type(error).__name__)

    async def list(self) -> list[AccountView]:
        """All accounts by name."""
        return [AccountView.model_validate(account) for account in await self._repository.all()]

    async def _end(self, login_sha256: str) -> None:
        await self._repository.end_login(login_sha256)
        self.presence.end(login_sha256)


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _me(account: Account) -> Me:
    return Me(
        account_id=account.account_id,
        email=account.email,
        name=account.name,
        role=account.role,
        language=account.language,
    )
