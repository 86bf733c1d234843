"""What a serve job is for."""

from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string

from jobs.kinds import JobKind
from jobs.models import Job
from protocol.events import Event, Ready, Started
from protocol.specs.models import ServeSpec
from studio.deployments import services
from studio.deployments.errors import DeploymentMissing
from studio.deployments.models import Deployment
from studio.registry import services as registry


class Serve(JobKind):
    """Keeps a model answering; started again whenever its process ends by itself."""

    pool = "serve"
    endless = True

    def spec(self, job: Job) -> ServeSpec:
        """The base model, the adapter beside it, and the secret that only the gateway knows."""
        deployment = Deployment.objects.select_related("model_version__base").filter(job=job).first()
        if deployment is None:
            raise DeploymentMissing(job=str(job.id))
        version = deployment.model_version
        return ServeSpec(
            base=registry.base_ref(version.base),
            adapters=(registry.served_adapter(version),),
            token=deployment.token,
        )

    def command(self) -> list[str]:
        """The GPU half's model server."""
        return ["forge", "serve"]

    def on_again(self, ended: Job, again: Job) -> None:
        """The other job serves the same model."""
        deployment = Deployment.objects.filter(job=ended).first()
        if deployment is None:
            raise DeploymentMissing(job=str(ended.id))
        services.copy_for(deployment, again)

    def on_event(self, job: Job, event: Event) -> None:
        """A server that is ready has an address; one that begins has none yet."""
        if isinstance(event, Started):
            services.set_url(job, "")
        elif isinstance(event, Ready):
            services.set_url(job, event.url)
            self.tell_ready(job)

    def tell_ready(self, job: Job) -> None:
        """Tell who waits for servers; in the transaction that stores the event."""
        deployment = Deployment.objects.filter(job=job).first()
        if deployment is None:
            return
        for path in settings.SERVER_READY:
            tell: Callable[[Deployment], None] = import_string(path)
            tell(deployment)

    def on_stop(self, job: Job) -> None:
        """A server that no longer runs has none."""
        services.set_url(job, "")
