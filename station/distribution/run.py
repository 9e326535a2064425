# SPDX-License-Identifier: GPL-3.0-or-later
"""`station serve`, from its settings to its end by a signal. Boards that are in hand then are in doubt."""

from __future__ import annotations

import asyncio
import signal
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from station.bench.audience import Audience
from station.bench.lines import say
from station.bench.setup import lock_out_of
from station.codes import Code, Exit
from station.config.named_table import LOOPBACK
from station.config.settings import Config
from station.distribution.clients import Clients
from station.distribution.counter import Counter
from station.distribution.exchange import Enough
from station.errors import ConfigError, UsageError
from station.events import Event
from station.extras import install
from station.flow.visit import Permit
from station.ledger.store import Ledger
from station.profiles.profile import IdentityMode, Profile
from station.secrets.keys import require_private

_TICK_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where it answers. `context`: None without a certificate."""

    host: str
    port: int
    context: ssl.SSLContext | None

    @property
    def scheme(self) -> str:
        return "https" if self.context else "http"


def serving_of(config: Config) -> Listening:
    """ConfigError E118 without the extra, E113 and E114 for what must not be, or cannot be, served so."""
    if find_spec("aiohttp") is None:
        raise ConfigError("line clients are served with aiohttp", do=f"run: {install('serve')}", code=Code.E118)
    host = config.text("serve.host").strip()
    context = _context(config)
    if context is None and host not in LOOPBACK and not config.flag("serve.unsecured"):
        raise ConfigError(
            f"at {host} tokens and secrets would cross the network readable",
            do="set [serve] cert_file and key_file; or unsecured = true, on a network of the line's own",
            code=Code.E113,
        )
    return Listening(host=host, port=int(config.number("serve.port")), context=context)


def _context(config: Config) -> ssl.SSLContext | None:
    certificate, key = config.text("serve.cert_file"), config.text("serve.key_file")
    if bool(certificate) != bool(key):
        raise ConfigError("[serve] cert_file and key_file belong together", do="set both", code=Code.E113)
    if not certificate:
        return None
    cert_path, key_path = Path(certificate).expanduser(), Path(key).expanduser()
    require_private(key_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(cert_path, key_path, password=lambda: "")  # otherwise the terminal would be asked
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError; its texts quote no content
        do = "PEM files; the key without a passphrase"
        what = f"{cert_path}, {key_path}: {type(error).__name__}"
        raise ConfigError(what, do=do, code=Code.E114) from None
    return context


def clients_of(config: Config) -> Clients:
    return Clients(config.state_dir / "serve-clients.json")


def require_servable(profile: Profile) -> None:
    """ConfigError E112 for a profile that asks for what this exchange does not have."""
    sticker = profile.sticker
    asks = {
        "sets": profile.identity is not IdentityMode.SINGLE,
        "a scanned label": profile.scan_label,
        "a serial number": profile.serial.is_required,
        "printed labels": sticker is not None and sticker.keeps_boards_waiting,
    }
    lacking = ", ".join(what for what, is_asked in asks.items() if is_asked)
    if lacking:
        do = "serve a profile without that, or flash its boards at a bench"
        raise ConfigError(
            f"profile {profile.name} asks for what line clients cannot give: {lacking}", do=do, code=Code.E112
        )
    if not profile.products:
        do = 'add products = ["productKey"] to it'
        raise ConfigError(f"profile {profile.name} names no product", do=do, code=Code.E112)


def serve(
    config: Config,
    ledger: Ledger,
    profile: Profile,
    permit: Permit,
    serving: Listening,
    audience: Audience,
    tell: Callable[[Event], None],
) -> Exit:
    """Until a signal; as `station flash` ends. UsageError where nobody can listen there."""
    with audience.told(tell, ledger) as hear:

        def listen(event: Event) -> None:
            hear(event)
            tell(event)

        counter = Counter(
            ledger,
            profile,
            permit,
            listen,
            accept=Enough(config.text("serve.accept")),
            confirm_s=config.number("serve.confirm_s"),
            lock_out=lock_out_of(config),
        )
        asyncio.run(_run(counter, clients_of(config), serving))
    return counter.tally.exit


async def _run(counter: Counter, clients: Clients, serving: Listening) -> None:
    from station.distribution.server import LineServer  # noqa: PLC0415 - an extra
    from station.door import listen_at  # noqa: PLC0415 - for a server alone

    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ended.set)
    server = LineServer(counter, clients)
    await server.runner.setup()
    try:
        listening = await listen_at(serving.host, serving.port)
        say(f"{serving.scheme}://{serving.host}:{listening[0].getsockname()[1]}")
        letting_in = asyncio.create_task(server.let_in(listening, serving.context))
        letting_in.add_done_callback(lambda _: ended.set())
        while not ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), _TICK_S)
            await asyncio.to_thread(counter.tick)
        letting_in.cancel()
        with suppress(asyncio.CancelledError):
            await letting_in
    except OSError as error:
        where = f"{serving.host}:{serving.port}"
        raise UsageError(f"cannot answer at {where}: {error.strerror}", do="choose another serve.port") from error
    finally:
        await asyncio.to_thread(counter.close)
        await server.close()
