"""Django settings: one file; `studio.env` alone reads the environment."""

from datetime import timedelta

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from studio import env, logs

ENV = env.read()
ROOT = env.ROOT
HOME = ENV.home

SECRET_KEY = env.secret_key()
#: Keys of before: what they signed and sealed is still taken.
SECRET_KEY_FALLBACKS = list(ENV.secret_key_fallbacks)
DEBUG = ENV.debug
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *ENV.allowed_hosts]
PUBLIC_URL = ENV.public_url or f"http://{ENV.host}:{ENV.port}"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "channels",
    "csp",
    "django_htmx",
    # For its own copies of the documentation's scripts.
    "ninja",
    "jobs",
    "studio.accounts",
    "studio.projects",
    "studio.datasets",
    "studio.cleaning",
    "studio.uploads",
    "studio.intake",
    "studio.glossaries",
    "studio.registry",
    "studio.tokens",
    "studio.training",
    "studio.evaluations",
    "studio.deployments",
    "studio.webhooks",
    "studio.gateway",
    "studio.realtime",
    "studio.dashboard",
    "studio.local",
]

MIDDLEWARE = [
    "studio.gateway.middleware.ApiAnswers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "studio.gateway.language.AnswerLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "studio.urls"
ASGI_APPLICATION = "studio.asgi.application"
# /v1 and /api answer a missing slash with 404, never with a redirect that drops the body.
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "studio.dashboard.context.chrome",
            ]
        },
    }
]

DATABASES = {
    "default": dj_database_url.parse(
        ENV.database_url
        or env.embedded("database_url")
        or "postgres://studio@127.0.0.1:5432/studio",  # nothing runs yet: `manage.py up` starts it
        conn_max_age=0,
    )
}
DATABASES["default"].setdefault("OPTIONS", {})
# By default the pool would wait twice as long after each failed try, and find PostgreSQL again minutes after its return.
DATABASES["default"]["OPTIONS"] |= {
    "pool": {"min_size": 0, "max_size": 16, "timeout": 15, "reconnect_timeout": 1},
    # A network that swallows packets is noticed within half a minute, not after the kernel's two hours.
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = ENV.redis_url or env.embedded("redis_url") or "redis://127.0.0.1:6379/0"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "studio"},
    }
}

# Celery only wakes a worker: the message carries a job id, the row decides (docs/decisions/0002).
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_POOL = "threads"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "reap-lost-jobs": {"task": "jobs.tasks.reap_lost_jobs", "schedule": 2.0, "options": {"expires": 4}},
    "deliver-webhooks": {"task": "studio.webhooks.tasks.deliver", "schedule": 2.0, "options": {"expires": 4}},
    "forget-webhooks": {
        "task": "studio.webhooks.tasks.forget",
        "schedule": 3600.0,
        "options": {"expires": 60},
    },
    "forget-kept-files": {
        "task": "studio.intake.tasks.forget_kept",
        "schedule": 300.0,
        "options": {"expires": 60},
    },
    "sweep-uploads": {"task": "studio.uploads.tasks.sweep", "schedule": 60.0, "options": {"expires": 60}},
    "thin-steps": {"task": "jobs.tasks.thin_steps", "schedule": 60.0, "options": {"expires": 60}},
}

#: Job kind -> the class that knows what the job is for (jobs.kinds.JobKind).
JOB_KINDS = {
    "prepare_dataset": "studio.datasets.kinds.PrepareDataset",
    "validate_dataset": "studio.intake.kinds.ValidateDataset",
    "sample_dataset": "studio.intake.kinds.SampleDataset",
    "prepare_glossary": "studio.glossaries.kinds.PrepareGlossary",
    "apply_import": "studio.glossaries.import_kinds.ApplyImport",
    "generate_rows": "studio.glossaries.kinds.GenerateRows",
    "generate_pairs": "studio.glossaries.kinds.GeneratePairs",
    "count_tokens": "studio.tokens.kinds.CountTokens",
    "coverage": "studio.glossaries.kinds_measured.MeasureCoverage",
    "mine_terms": "studio.glossaries.kinds_measured.MineTerms",
    "replay_recipe": "studio.datasets.version_kinds.ReplayRecipe",
    "augment_dataset": "studio.datasets.version_kinds.AugmentDataset",
    "diff_versions": "studio.datasets.version_kinds.DiffVersions",
    "resplit_dataset": "studio.datasets.version_kinds.ResplitDataset",
    "mix_datasets": "studio.datasets.version_kinds.MixDatasets",
    "measure_mix": "studio.datasets.version_kinds.MeasureMix",
    "clean_dataset": "studio.cleaning.kinds.CleanDataset",
    "undo_cleaning": "studio.cleaning.kinds.UndoCleaning",
    "train": "studio.training.kinds.Train",
    "evaluate": "studio.evaluations.kinds.Evaluate",
    "serve": "studio.deployments.kinds.Serve",
}
#: Called with each new model version, in the transaction that ends its run; training and evaluations stand side by side.
AFTER_TRAINING = ["studio.evaluations.services.follow_up"]
#: Called with each deployment whose server answers, in the transaction that stores its address.
SERVER_READY = ["studio.webhooks.services.server_ready"]
#: Called with each job that is over, in the transaction that ends it.
JOB_ENDED = ["studio.webhooks.services.job_ended", "studio.intake.services.job_ended"]
#: Whether webhooks may be sent to addresses inside a network.
WEBHOOKS_PRIVATE = ENV.webhooks_private
#: Whether generators of new wordings may be asked at addresses inside a network.
GENERATORS_PRIVATE = ENV.generators_private
JOBS_HOME = HOME / "jobs"
JOBS_NODE = ENV.node
JOBS_SLOTS = {
    name: int(count) for name, _sep, count in (part.partition("=") for part in ENV.slots.split(","))
}
#: What sort of machine this is, beside "cpu" and "gpu": a job may ask for a label.
JOBS_LABELS = ENV.labels
JOBS_LEASE_S = 8.0
JOBS_HEARTBEAT_S = 2.0
#: Time between SIGTERM and SIGKILL.
JOBS_GRACE_S = 8.0
JOBS_ENVIRONMENT = env.trainer_environment
#: With less than this on the disk of JOBS_HOME no job is started, and one that is stopped by that goes on with more.
JOBS_MIN_FREE_BYTES = ENV.min_free_bytes
#: What a project takes on the disk beside its jobs: each is given the scope's id and says bytes.
DISK_USES = ["studio.datasets.services.bytes_of", "studio.uploads.services.bytes_of"]
#: How long all steps of an ended run are kept as events; None keeps them for ever.
JOBS_KEEP_STEPS = timedelta(days=ENV.keep_steps_days) if ENV.keep_steps_days else None
#: Sockets a person or a key may hold open in one web process.
SOCKETS_EACH = ENV.sockets_each

BLOBS_HOME = HOME / "blobs"
MODELS_HOME = HOME / "models"
UPLOAD_LIMIT_BYTES = 10 * 1024**3
#: Parts of uploads that are under way; on the disk of BLOBS_HOME and FILE_UPLOAD_TEMP_DIR, so that bytes move by a link.
UPLOADS_HOME = HOME / "uploads"
UPLOAD_PART_LIMIT_BYTES = 64 * 1024**2
UPLOAD_PARTS_LIMIT = 10_000
#: How long the bytes of a refused file stay where its owner can say how it is to be read.
REFUSED_FILES_KEPT = timedelta(days=1)
#: How long an upload stays open after its newest part: a client's, and one that a person began in the browser.
UPLOAD_OPEN_S = ENV.upload_open_s
UPLOAD_PAGE_OPEN_S = 24 * 3600
FILE_UPLOAD_TEMP_DIR = HOME / "tmp"
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024**2
HOME.mkdir(parents=True, exist_ok=True)
FILE_UPLOAD_TEMP_DIR.mkdir(exist_ok=True)

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = HOME / "static"
# WhiteNoise warns of a folder that is not there; files come from the finders anyway.
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True

# Behind TLS (STUDIO_PUBLIC_URL=https://...) cookies are secure and browsers are told to stay there.
_TLS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _TLS
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "studio_session"
CSRF_COOKIE_NAME = "studio_csrf"
SECURE_SSL_REDIRECT = _TLS
# A container asks itself, without the proxy.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if _TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _TLS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ("/admin", "/api/docs"),
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

LOGGING = logs.config(ENV.log_format)
#: Who shows it may read /metrics from anywhere; without one only this machine may.
METRICS_TOKEN = ENV.metrics_token
#: Where traces are sent (OTLP over HTTP); nothing: there are none.
OTLP_ENDPOINT = ENV.otlp_endpoint


def _admin_group(title: object, *items: tuple[object, str, str]) -> dict[str, object]:
    """A group of the admin's sidebar: (label, icon, `app_model`) for each of its lists."""
    links = [
        {"title": label, "icon": icon, "link": reverse_lazy(f"admin:{model}_changelist")}
        for label, icon, model in items
    ]
    return {"title": title, "separator": True, "items": links}


UNFOLD = {
    "SITE_TITLE": "DeepSeek Studio",
    "SITE_HEADER": "DeepSeek Studio",
    "SITE_URL": "/",
    "SITE_ICON": lambda _request: static("img/icon.svg"),
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda _request: static("admin.css")],
    # The accent of the pages (frontend/src/styles/tokens.css), from light to dark.
    "COLORS": {
        "primary": {
            "50": "#eef8f8",
            "100": "#dff0f0",
            "200": "#b9dfe0",
            "300": "#8ccacd",
            "400": "#54c6d2",
            "500": "#1f8a94",
            "600": "#0b6570",
            "700": "#09545e",
            "800": "#0a444c",
            "900": "#0c3940",
            "950": "#04242a",
        }
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": True,
        "navigation": [
            {
                "title": _("Studio"),
                "items": [{"title": _("Back to the studio"), "icon": "home", "link": reverse_lazy("home")}],
            },
            _admin_group(
                _("Work"),
                (_("Jobs"), "play_circle", "jobs_job"),
                (_("Nodes"), "memory", "jobs_node"),
                (_("Runs"), "show_chart", "training_run"),
                (_("Evaluations"), "balance", "evaluations_evaluation"),
                (_("Deployments"), "dns", "deployments_deployment"),
            ),
            _admin_group(
                _("Words, rows, models"),
                (_("Glossaries"), "menu_book", "glossaries_glossary"),
                (_("Datasets"), "table_rows", "datasets_dataset"),
                (_("Files"), "draft", "datasets_storedfile"),
                (_("Uploads"), "upload", "uploads_upload"),
                (_("Checks of files"), "rule", "intake_validation"),
                (_("Models"), "deployed_code", "registry_modelversion"),
                (_("Base models"), "foundation", "registry_basemodel"),
            ),
            _admin_group(
                _("Access"),
                (_("Projects"), "folder", "projects_project"),
                (_("Members"), "group", "projects_membership"),
                (_("Quotas"), "speed", "jobs_quota"),
                (_("People"), "person", "accounts_user"),
                (_("API keys"), "key", "accounts_apikey"),
            ),
        ],
    },
}
