"""Settings: everything that differs between places comes from the environment; a missing secret stops the start."""

from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from signaalpunt.address_settings import PDOK, address_provider, cache_table
from signaalpunt.beat_schedule import beat_schedule
from signaalpunt.database_settings import databases
from signaalpunt.host_settings import exact_hosts, ports_of
from signaalpunt.log_settings import logging_settings
from signaalpunt.secret_settings import anchor_key, backup_key, secret, signing_key, vault_keys

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

TESTING = env.bool("PORTAL_TEST", default=False)
DEBUG = False

# -- secrets and addresses: no defaults, so that a forgotten one stops the start with its name
SECRET_KEY = signing_key(secret("SECRET_KEY"))
VAULT_KEYS = vault_keys(secret("VAULT_KEYS"))
# Exact names of the portal itself; a municipality's own host stands in its row. See municipalities/hosts.py.
ALLOWED_HOSTS = exact_hosts(env.list("ALLOWED_HOSTS"))
PUBLIC_BASE_URL = env("PUBLIC_BASE_URL").rstrip("/")
ALLOWED_PORTS = env.list("ALLOWED_PORTS", default=ports_of(PUBLIC_BASE_URL))
USE_X_FORWARDED_HOST = USE_X_FORWARDED_PORT = False
DEMO = env.bool("DEMO", default=False)
# How many proxies stand before the portal; a wrong guess would let visitors name their own address.
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", **({"default": 0} if DEMO or TESTING else {}))

# -- applications: the three floors and what they stand on
INSTALLED_APPS = [
    "followup",
    "signals",
    "municipalities",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "anymail",
    "csp",
    "django_htmx",
    "simple_history",
]
MIDDLEWARE = [
    "municipalities.hosts.HostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "municipalities.languages.LanguageMiddleware",
    "signaalpunt.views.ClosedMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "municipalities.sessions.SessionTermMiddleware",
    "municipalities.hosts.OwnAddressesMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "municipalities.sessions.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "municipalities.bodies.BodyLimitMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]
ROOT_URLCONF = "signaalpunt.urls"
WSGI_APPLICATION = "signaalpunt.wsgi.application"
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
                "municipalities.access.page_context",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "municipalities.templatetags.addresses",
            ],
        },
    }
]

# -- database: `default` serves as portal_app; `owner` migrates and is absent where pages are served
DATABASES = databases(secret("DATABASE_URL"), secret("DATABASE_OWNER_URL", default=""), testing=TESTING)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- counters and known addresses, shared by all web processes; in the database, since the web never talks to Redis
CACHES = {"default": cache_table("portal_counters", 50_000), "addresses": cache_table("portal_addresses", 20_000)}
ADDRESS_PROVIDER, PDOK_URL = address_provider(env("ADDRESS_PROVIDER", default="none")), env("PDOK_URL", default=PDOK)

# -- backups: only for the commands that make and restore them; what serves knows neither the role nor the key
BACKUP_DATABASE = env.db_url_config(url) if (url := secret("DATABASE_BACKUP_URL", default="")) else {}
BACKUP_KEY = backup_key(secret("BACKUP_KEY", default=""), VAULT_KEYS)
BACKUP_FOLDER = env("BACKUP_FOLDER", default="")
BACKUP_KEYS_FOLDER = env("BACKUP_KEYS_FOLDER", default="")
BACKUP_KEPT_DAYS = env.int("BACKUP_KEPT_DAYS", default=7)
# Shorter: what was erased can be read from no backup once the last file with its key is gone.
BACKUP_KEYS_KEPT_DAYS = env.int("BACKUP_KEYS_KEPT_DAYS", default=7)
PG_BIN = env("PG_BIN", default="")
# Who was erased, by ids, outside; what erases them again after a restore, and finds addresses after a change of keys.
ERASURE_LOG = env("ERASURE_LOG", default="")
ERASURE_VERB, ROTATION_VERB = "signals.actions.erasing.erase_again", "signals.actions.residents.fingerprint_anew"

# -- people
AUTH_USER_MODEL = "municipalities.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "after_login"
ACCOUNT_ADAPTER = "municipalities.accounts.StaffAccountAdapter"
ACCOUNT_FORMS = {
    "login": "municipalities.login.StaffLoginForm",
    "reset_password": "municipalities.accounts.ForgottenPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "portal_home"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# By address of the visitor only: a limit by account would let a stranger keep somebody out.
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip", "reset_password": "20/m/ip"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
SOCIALACCOUNT_ADAPTER = "municipalities.sign_on.StaffSignOnAdapter"
# Nothing of what a municipality's sign-on answers is kept: no tokens, no names, no addresses.
SOCIALACCOUNT_STORE_TOKENS = SOCIALACCOUNT_AUTO_SIGNUP = SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
MFA_ADAPTER = "municipalities.accounts.StaffMFAAdapter"
MFA_FORMS = {
    "authenticate": "municipalities.login.CodeForm",
    "authenticate_webauthn": "municipalities.login.KeyForm",
    "reauthenticate": "municipalities.login.CodeAgainForm",
    "activate_totp": "municipalities.login.FirstCodeForm",
    "add_webauthn": "municipalities.login.NewKeyForm",
    "edit_webauthn": "municipalities.login.KeyNameForm",
    "login_webauthn": "municipalities.login.PasskeyForm",
    "reauthenticate_webauthn": "municipalities.login.KeyAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# A passkey asks for a finger, a face or a code itself: two factors in one.
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Signaalpunt"
# A telephone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
# Whoever invites somebody names the address; it is proved by the invitation.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Off for trying the portal out with demonstration data, nowhere else.
SECOND_FACTOR = env.bool("SECOND_FACTOR", default=True)
if not (SECOND_FACTOR or DEMO):
    raise ImproperlyConfigured("SECOND_FACTOR can only be off together with DEMO=1: staff log in with two factors.")
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=20)

# -- cookies, headers
SECURE_COOKIES = env.bool("SECURE_COOKIES", default=True)
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_NAME = "__Host-session" if SECURE_COOKIES else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE_COOKIES else "csrf"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "signaalpunt.views.csrf_failure"
SECURE_SSL_REDIRECT = SECURE_COOKIES
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_COOKIES
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
# Looked at and moved on once a year: is the contact still right?
SECURITY_TXT_EXPIRES = datetime(2027, 11, 1, tzinfo=UTC)
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024

# -- language and time: stored in UTC, shown in Dutch time
LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", "Nederlands"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "signaalpunt" / "locale"]
USE_TZ = True
TIME_ZONE = "Europe/Amsterdam"

# -- static files
STATIC_URL = "static/"
STATIC_ROOT = env("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = TESTING

# -- mail: leaves through the outbox only
MAIL_BACKENDS = {
    "console": "django.core.mail.backends.console.EmailBackend",
    "file": "django.core.mail.backends.filebased.EmailBackend",
}
MAIL_BACKEND = env("MAIL_BACKEND", default="console")
EMAIL_BACKEND = MAIL_BACKENDS.get(MAIL_BACKEND, MAIL_BACKEND)
EMAIL_FILE_PATH = env("MAIL_FILE_PATH", default=None)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Signaalpunt <geen-antwoord@localhost>")
OPERATOR_EMAIL = env("OPERATOR_EMAIL", default=DEFAULT_FROM_EMAIL)
SECURITY_CONTACT = env("SECURITY_CONTACT", default="") or f"mailto:{parseaddr(OPERATOR_EMAIL)[1]}"
ANYMAIL = env.json("ANYMAIL", default={}) | {"REQUESTS_TIMEOUT": (3, 10)}
MAIL_KEPT_DAYS = env.int("MAIL_KEPT_DAYS", default=30)
if MAIL_KEPT_DAYS < 7:
    raise environ.ImproperlyConfigured(
        "MAIL_KEPT_DAYS: at least 7, since a bounce is reported days after the mail left"
    )

# -- anchors of the ledger: who signs needs key and directory, who only verifies the directory and the public keys
ANCHOR_KEY = anchor_key(secret("ANCHOR_KEY", default=""))
ANCHOR_DIR = env("ANCHOR_DIR", default="")
ANCHOR_PUBLIC_KEYS = env.list("ANCHOR_PUBLIC_KEYS", default=[])
ANCHOR_INTERVAL_SECONDS = env.float("ANCHOR_INTERVAL_SECONDS", default=3600)

# -- Celery: the alarm clock. Intervals in UTC, ids only, nothing kept.
CELERY_BROKER_URL = secret("REDIS_URL")
CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 50
CELERY_TASK_TIME_LIMIT = 60
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 5, "socket_keepalive": True}
SWEEP_INTERVAL_SECONDS = env.float("SWEEP_INTERVAL_SECONDS", default=60)
MAIL_INTERVAL_SECONDS = env.float("MAIL_INTERVAL_SECONDS", default=15)
PING_INTERVAL_SECONDS = env.float("PING_INTERVAL_SECONDS", default=60)
CELERY_BEAT_SCHEDULE = beat_schedule(
    sweep=SWEEP_INTERVAL_SECONDS,
    mail=MAIL_INTERVAL_SECONDS,
    ping=PING_INTERVAL_SECONDS,
    anchors=ANCHOR_INTERVAL_SECONDS,
)

# -- monitoring: who is called while the promise is kept, and what a monitor must show to read /metrics
DEADMAN_URL = env("DEADMAN_URL", default="")
METRICS_TOKEN = env("METRICS_TOKEN", default="")

# -- logs and error reports: references and ids, never personal data
LOGGING_CONFIG = "signaalpunt.log_lines.configure"
LOGGING = logging_settings(
    task_names=[name for key, entry in CELERY_BEAT_SCHEDULE.items() for name in (key, entry["task"])],
    report_dsn=secret("ERROR_REPORT_DSN", default=""),
)
SILENCED_SYSTEM_CHECKS = ["models.W042"]
