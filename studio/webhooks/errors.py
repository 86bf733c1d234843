"""What can be wrong with a webhook.

StudioError
└── WebhooksError
    ├── AddressInvalid    not an address one can send to
    ├── AddressPrivate    an address inside a network, which nobody outside may reach through us
    └── TypesUnknown      an event type nobody sends
"""

from protocol.errors import ErrorCode, StudioError


class WebhooksError(StudioError):
    """Something is wrong with a webhook."""

    code = ErrorCode.INVALID_REQUEST


class AddressInvalid(WebhooksError):
    """The address cannot be sent to: {reason}."""


class AddressPrivate(WebhooksError):
    """{host} leads to {address}, which is not a public address; the operator can allow it with STUDIO_WEBHOOKS_PRIVATE=1."""


class TypesUnknown(WebhooksError):
    """No event has the type {names}; there are {known}."""
