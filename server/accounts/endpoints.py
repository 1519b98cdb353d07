"""Log-in, the own account, and accounts for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status

from server.accounts.access import LOGIN_COOKIE, CurrentCaller
from server.accounts.schemas import AccountRequest, AccountView, LogInRequest, Me, MePatch
from server.accounts.service import AccountService

router = APIRouter(tags=["accounts"])


async def _service(request: Request) -> AccountService:
    service: AccountService = request.app.state.accounts
    return service


Accounts = Annotated[AccountService, Depends(_service)]


@router.post("/login")
async def log_in(body: LogInRequest, accounts: Accounts, request: Request, response: Response) -> Me:
    """Log in by e-mail and password; the answer sets the log-in cookie."""
    address = request.client.host if request.client else "unknown"
    former = request.cookies.get(LOGIN_COOKIE)
    token, me = await accounts.log_in(body.email, body.password, address, former)
    response.set_cookie(
        LOGIN_COOKIE, token, httponly=True, samesite="strict", secure=request.url.scheme == "https", path="/"
    )
    return me


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
async def log_out(caller: CurrentCaller, accounts: Accounts, response: Response) -> None:
    """End this log-in."""
    await accounts.log_out(caller)
    response.delete_cookie(LOGIN_COOKIE, path="/", httponly=True, samesite="strict")


@router.get("/me")
async def get_me(caller: CurrentCaller) -> Me:
    """Who is logged in."""
    return Me(
        account_id=caller.account_id,
        email=caller.email,
        name=caller.name,
        role=caller.role,
        language=caller.language,
    )


@router.patch("/me")
async def change_me(body: MePatch, caller: CurrentCaller, accounts: Accounts) -> Me:
    """Change the own language."""
    return await accounts.change_language(caller, body.language)


@router.get("/accounts")
async def list_accounts(accounts: Accounts) -> list[AccountView]:
    """All accounts by name."""
    return await accounts.list()


@router.post("/accounts", status_code=status.HTTP_201_CREATED)
async def create_account(body: AccountRequest, accounts: Accounts) -> AccountView:
    """Make an account; 409 `email_taken` when the e-mail has one."""
    return await accounts.create(body)
