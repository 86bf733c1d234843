"""What every page's frame needs: the theme, the person's projects, what they may do in this one."""

from functools import cached_property

from django.http import HttpRequest

from studio.projects import services as projects
from studio.projects.models import Project, Role

THEME_COOKIE = "studio_theme"
THEMES = ("auto", "light", "dark")


class Chrome:
    """The frame around a page; each part is read when a template first asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def theme(self) -> str:
        """What the person chose, or "auto": the system's wish."""
        chosen = self.request.COOKIES.get(THEME_COOKIE, "auto")
        return chosen if chosen in THEMES else "auto"

    @cached_property
    def projects(self) -> list[Project]:
        """The projects the switcher offers."""
        return list(projects.projects_of(self.request.user))

    @cached_property
    def project(self) -> Project | None:
        """The project in the address, where the person may see it."""
        match = self.request.resolver_match
        slug = match.kwargs.get("slug") if match else None
        return next((each for each in self.projects if each.slug == slug), None)

    @cached_property
    def role(self) -> Role | None:
        """What the person may do in it."""
        return projects.role_of(self.request.user, self.project) if self.project else None

    @property
    def can_edit(self) -> bool:
        """Upload, train, evaluate, deploy."""
        return self.role is not None and self.role.rank >= Role.EDITOR.rank

    @property
    def is_owner(self) -> bool:
        """Members, keys, deletion."""
        return self.role is Role.OWNER


def chrome(request: HttpRequest) -> dict[str, Chrome]:
    """`chrome` in every template."""
    return {"chrome": Chrome(request)}
