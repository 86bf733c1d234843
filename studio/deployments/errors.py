"""What can be wrong with a deployment.

StudioError
└── DeploymentError
    ├── ModelNotDeployed    the model is known, but nothing answers for it
    ├── ServerLoading       a deployment of it is on its way
    ├── DeploymentMissing   a serve job without its deployment
    └── ModelDeployed       a model cannot go while it is deployed
"""

from protocol.errors import ErrorCode, StudioError


class DeploymentError(StudioError):
    """Something is wrong with a deployment."""


class ModelNotDeployed(DeploymentError):
    """The model {model!r} is not deployed: deploy it on the Deployments page or with POST /api/deployments."""

    code = ErrorCode.MODEL_NOT_DEPLOYED


class ServerLoading(DeploymentError):
    """The model {model!r} is being loaded: try again in {retry_after_s} seconds."""

    code = ErrorCode.ENGINE_UNAVAILABLE
    permanent = False


class DeploymentMissing(DeploymentError):
    """No deployment belongs to the job {job}: deploy the model again."""

    code = ErrorCode.INTERNAL


class ModelDeployed(DeploymentError):
    """The model {model!r} cannot be deleted while it is deployed as {deployment!r}: stop the deployment first."""

    code = ErrorCode.OBJECT_IN_USE
