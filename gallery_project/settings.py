"""Settings of the Darkroom project, read from the environment (see "Settings" in the README)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from environs import Env, validate

from gallery.conf import DEFAULTS
from gallery_project.static_version import static_version

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "only-for-development" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set. Set it to a long random text, or set DEBUG=1 for development.")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "django_htmx",
    "ninja",
    "django_tasks_db",
    "gallery",
    "gallery_project",
]

MIDDLEWARE = [
    "gallery_project.middleware.forwarded_scheme",
    "django.middleware.security.SecurityMiddleware",
    "gallery_project.middleware.StaticFilesMiddleware",
    "gallery_project.middleware.language",
    "gallery.views.outage.DatabaseOutageMiddleware",
    "gallery_project.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "gallery_project.urls"
ASGI_APPLICATION = "gallery_project.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "libraries": {"static": "gallery_project.static_tags"},
        },
    },
]
SILENCED_SYSTEM_CHECKS = ["templates.W003"]  # two libraries `static`: gallery_project.static_tags is meant to win

SQLITE_SYNCHRONOUS = env.str("SQLITE_SYNCHRONOUS", "NORMAL", validate=validate.OneOf(["NORMAL", "FULL"]))
DATABASES = {"default": env.dj_db_url("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["CONN_MAX_AGE"] = 600  # seconds: the threads of gallery_project.handler stay, and so may theirs
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # A database machine that has vanished without a word is noticed in seconds, not in a quarter of an hour.
    DATABASES["default"]["OPTIONS"] = {"connect_timeout": 5, "tcp_user_timeout": 10_000} | DATABASES["default"].get(
        "OPTIONS", {}
    )
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Writers queue at BEGIN instead of failing half-way, and readers never wait for them (WAL).
        "transaction_mode": "IMMEDIATE",
        "timeout": 5,
        "init_command": f"PRAGMA journal_mode = WAL; PRAGMA synchronous = {SQLITE_SYNCHRONOUS};",
    }
    # A file database in tests: the hub's threads have connections of their own.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "")
if REDIS_URL:
    CHANNEL_LAYERS = {
        # Queues: each event of the Channels door goes to one worker, and waits while none runs.
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {
                # Longer than the 5 s that the layer lets Redis wait for the next event: redis-py's own limit is the
                # same 5 s, and would end a worker that has nothing to do.
                "hosts": [{"address": REDIS_URL, "socket_timeout": 15}],
                "channel_capacity": {"gallery.notify": 10_000},
            },
        },
        # Publish and subscribe: every server process hears the doorbell, and nothing is kept.
        "doorbell": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [REDIS_URL]},
        },
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

# What takes long waits in the database until `manage.py db_worker --queue-name "*"` takes it.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AUTHENTICATION_BACKENDS = ["gallery.logins.LoginLimitBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "gallery:home"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en"
LANGUAGES = [("de", "Deutsch"), ("en", "English")]  # each in its own words: whoever seeks one cannot read the other
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# Without a collectstatic step, and yet kept by browsers for good: the version changes with any file.
STATIC_URL = "static/" if DEBUG else f"static/{static_version(BASE_DIR / 'static')}/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/[0-9a-f]{12}/"

MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(DATA_DIR / "media"))).resolve()
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # a JSON body; uploads are streamed and have limits of their own

GALLERY_STALLED_AFTER = env.float("STALLED_AFTER", 120.0)  # seconds
GALLERY_METRICS_TOKEN = env.str("METRICS_TOKEN", "")
# The project's own generator needs numpy, which only the demo brings along.
GALLERY_GENERATORS = env.list(
    "GENERATORS",
    [*(["gallery_project.generators.Picture"] if find_spec("numpy") is not None else []), *DEFAULTS["GENERATORS"]],
)
GALLERY_TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", [])

# From trusted proxies only: gallery_project.middleware.forwarded_scheme takes it away from everybody else.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = env.bool("HTTPS_ONLY", False)
SESSION_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600  # seconds
CSRF_FAILURE_VIEW = "gallery.views.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

LOG_FORMAT = env.str("LOG_FORMAT", "text", validate=validate.OneOf(["text", "json"]))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
            "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
        },
    },
    "filters": {"not_unavailable": {"()": "gallery_project.logs.NotUnavailable"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "WARNING")},
    "loggers": {
        "gallery": {"level": env.str("LOG_LEVEL", "INFO")},
        "gallery.events": {"level": "INFO" if env.bool("LOG_EVENTS", False) else "WARNING"},
        "django.request": {"filters": ["not_unavailable"]},
        # While Redis is away it says each second, with a traceback, what gallery.outages says once.
        "channels_redis.pubsub": {"level": "CRITICAL"},
    },
}
