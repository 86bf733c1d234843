"""`manage.py up`: the whole studio on this machine, until Ctrl-C."""

import asyncio
import ipaddress
import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from protocol.errors import StudioError
from studio import env
from studio.local.errors import NotLoopback, PortTaken
from studio.local.house import House, Wishes, sole_owner
from studio.local.services import Embedded, port_is_free


class Command(BaseCommand):
    """Start PostgreSQL, Valkey, web, worker and scheduler, and keep them running."""

    help = "Start the studio on this machine and keep it running until Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen, and how much to say."""
        parser.add_argument("--host", help="address to listen on (default: STUDIO_HOST or 127.0.0.1)")
        parser.add_argument("--port", type=int, help="port to listen on (default: STUDIO_PORT or 8000)")
        parser.add_argument(
            "--verbose", action="store_true", help="repeat what the parts write to their logs"
        )
        parser.add_argument(
            "--no-base-import", action="store_true", help="do not unpack the built-in base model"
        )

    def handle(self, **options: Any) -> None:
        """Run until a signal comes."""
        configured = env.read()
        wishes = Wishes(
            host=options["host"] or configured.host,
            port=options["port"] or configured.port,
            verbose=options["verbose"],
            base_import=not options["no_base_import"],
        )
        try:
            if not options["host"] and not is_loopback(wishes.host):
                raise NotLoopback(host=wishes.host)
            with sole_owner(settings.HOME):
                if not port_is_free(wishes.host, wishes.port):
                    raise PortTaken(host=wishes.host, port=wishes.port)
                settle_addresses()
                asyncio.run(House(settings.HOME, wishes, self.say).run())
        except StudioError as error:
            raise CommandError(error.message) from error

    def say(self, line: str) -> None:
        """Say it now, also into a pipe."""
        self.stdout.write(line)
        self.stdout.flush()


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def settle_addresses() -> None:
    """Reserve the services' addresses.

    Django read its settings before they were known, on the first start or when a port was lost meanwhile: then begin
    again with the same words.
    """
    configured = env.read()
    if configured.database_url and configured.redis_url:
        return
    embedded = Embedded(settings.HOME)
    before = embedded.addresses()
    if embedded.reserve() != before:
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
