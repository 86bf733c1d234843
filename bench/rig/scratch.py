"""A PostgreSQL and a Valkey of one's own, in a temporary folder, with the studio's tables; gone at the end."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path


def begin() -> Path:
    """Start them and set Django up on them. Call it before anything of Django's is imported; the folder."""
    home = Path(tempfile.mkdtemp(prefix="bench-", dir="/tmp"))
    home.chmod(0o711)
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ["STUDIO_HOME"] = str(home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)

    from studio.local.services import Embedded

    embedded = Embedded(home)
    atexit.register(embedded.stop)
    embedded.start()
    use(home)

    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return home


def use(home: Path, settings: str = "studio.settings") -> None:
    """Set Django up in this process on the services of a home that run already."""
    os.environ["STUDIO_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = settings

    import django

    django.setup()
