"""One settings file; everything that differs between places is read from the environment.

DATABASE_URL, LEERORKEST_SECRET_KEY, LEERORKEST_HOSTS, LEERORKEST_DATA, LEERORKEST_DEMO, LEERORKEST_MAIL_URL,
LEERORKEST_PROXY, LEERORKEST_ADDRESS, LEERORKEST_CONTACT: docs/deploy.md says what each does. `manage.py check --deploy`
refuses an unsafe mixture.
"""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from leerorkest.shared.sqlite_version import use_sound_sqlite

SOUND_SQLITE, CONNECT_OPTIONS = use_sound_sqlite()  # before Django imports sqlite3

import dj_database_url  # noqa: E402
import django.conf.locale  # noqa: E402
from django.utils.csp import CSP  # noqa: E402
from django.utils.translation import gettext_lazy as _  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("LEERORKEST_DATA", ROOT / "var")).resolve()
os.umask(0o077)  # what this site writes is for its own user only
DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
FILES = Path(os.environ.get("LEERORKEST_FILES", DATA / "files")).resolve()  # photos, signatures, PDFs
DEMO = os.environ.get("LEERORKEST_DEMO") == "1"
DEMO_DAYS_BACK = int(os.environ.get("LEERORKEST_DEMO_DAYS_BACK", "0")) if DEMO else 0
DEBUG = False  # an error page never shows a child; the log says what went wrong

# --- hosts and secrets --------------------------------------------------------------------------------
LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = [host for host in os.environ.get("LEERORKEST_HOSTS", "").split(",") if host] or LOOPBACK_HOSTS
IS_LOCAL = set(ALLOWED_HOSTS) <= set(LOOPBACK_HOSTS)  # http on this machine only: cookies cannot be Secure
BEHIND_PROXY = os.environ.get("LEERORKEST_PROXY") == "1"
DEVELOPMENT_KEY = "only-for-this-machine-and-the-demo-not-for-a-real-site"
SECRET_KEY = os.environ.get("LEERORKEST_SECRET_KEY", DEVELOPMENT_KEY)
CSRF_TRUSTED_ORIGINS = [] if IS_LOCAL else [f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS]
ADDRESS = os.environ.get("LEERORKEST_ADDRESS", "").rstrip("/")  # "https://leerorkest.example": stands on every label
CONTACT = os.environ.get("LEERORKEST_CONTACT", "")  # mail address for who finds an instrument

# --- the rooms, lowest first --------------------------------------------------------------------------
ROOMS = ["shared", "music", "network", "people", "schools", "depot", "lessons", "home"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    *[f"leerorkest.{room}" for room in ROOMS if (ROOT / "leerorkest" / room / "apps.py").exists()],
    "leerorkest.apps.House",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "demo",
]
MIDDLEWARE = [
    "leerorkest.shared.middleware.Roomy",
    "leerorkest.shared.middleware.SecurityHeaders",  # also a refusal of the next ones has its headers
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "leerorkest.shared.middleware.KnownMethods",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pads by chance, so that the length gives no secret of a page away
    "django.contrib.sessions.middleware.SessionMiddleware",
    "leerorkest.shared.middleware.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "leerorkest.shared.middleware.NoNulls",  # before anybody asks the database for the session
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "leerorkest.people.middleware.SessionAge",
    "leerorkest.people.middleware.ActorOfRequest",
    "leerorkest.middleware.PolicyOfRoute",
]
ROOT_URLCONF = "demo.site_urls" if DEMO else "leerorkest.urls"
WSGI_APPLICATION = "leerorkest.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "leerorkest" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "leerorkest.shared.context.page",
                "leerorkest.navigation.frame",
            ],
            "builtins": [
                "leerorkest.shared.templatetags.modules",
                "leerorkest.shared.templatetags.words",
                "leerorkest.navigation",
                "django.templatetags.i18n",
                "django.templatetags.static",
            ],
        },
    }
]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # a message can name a child: no cookie
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

# --- database ----------------------------------------------------------------------------------------
SQLITE_OPTIONS = {
    **CONNECT_OPTIONS,
    "transaction_mode": "IMMEDIATE",  # DEFERRED dies of "database is locked" under two writers
    "timeout": 20,
    "init_command": (
        # WAL below 3.51.3 can corrupt a database with two writers: then the slower, sound journal.
        f"PRAGMA journal_mode={'WAL' if SOUND_SQLITE else 'DELETE'};"
        "PRAGMA synchronous=FULL;"  # an acknowledged mark survives a power cut
        "PRAGMA foreign_keys=ON;PRAGMA recursive_triggers=ON;"
        "PRAGMA cache_size=-32000;PRAGMA temp_store=MEMORY;PRAGMA journal_size_limit=67108864;"
    ),
}
DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL") or f"sqlite:///{DATA / 'leerorkest.sqlite3'}", conn_max_age=None
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": 8}
DATABASES["default"]["TEST"] = (
    {"NAME": str(DATA / "test.sqlite3")} if "init_command" in DATABASES["default"]["OPTIONS"] else {}
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}

# --- who may sign in, and how ------------------------------------------------------------------------
AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["leerorkest.people.signed_in.Backend"]
SESSION_ENGINE = "leerorkest.people.signed_in"
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # e-mail is unique whatever its capitals: constraint one_account_per_email
    "mail.E001",  # a site without mail is allowed: an invitation then shows its link once
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "leerorkest.people.passwords.NotAboutUs"},
]
LOGIN_URL = "demo:choose" if DEMO else "account_login"
LOGIN_REDIRECT_URL = "home:start"
ACCOUNT_ADAPTER = "leerorkest.people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by invitation; nobody signs up
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a mail on every change of password, passkey or authenticator app
ACCOUNT_SESSION_REMEMBER = True  # the cookie lives as long as the session may: see people/middleware.py
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
PASSWORD_RESET_TIMEOUT = 2 * 3600
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0  # whose word counts for the address that limits go by
ACCOUNT_FORMS = {
    "login": "leerorkest.people.sign_in.SignIn",
    "reset_password": "leerorkest.people.sign_in.ForgottenPassword",
    "reset_password_from_key": "leerorkest.people.sign_in.PasswordFromMail",
    "set_password": "leerorkest.people.sign_in.SetPassword",
    "change_password": "leerorkest.people.sign_in.ChangePassword",
    "reauthenticate": "leerorkest.people.sign_in.ProveByPassword",
}
MFA_FORMS = {
    "authenticate": "leerorkest.people.sign_in.SecondStep",
    "reauthenticate": "leerorkest.people.sign_in.ProveByCode",
    "activate_totp": "leerorkest.people.sign_in.StartApp",
    "add_webauthn": "leerorkest.people.sign_in.AddPasskey",
    "edit_webauthn": "leerorkest.people.sign_in.RenamePasskey",
}
MFA_ADAPTER = "leerorkest.people.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = IS_LOCAL
MFA_TOTP_ISSUER = "Leerorkest"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the invitation came by mail
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not IS_LOCAL
prefix = "" if IS_LOCAL else "__Host-"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME = (
    f"{prefix}session",
    f"{prefix}csrf",
    f"{prefix}language",
)

# --- headers -----------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = not IS_LOCAL
SECURE_HSTS_SECONDS = 0 if IS_LOCAL else 63072000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not IS_LOCAL
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"  # "no-referrer" makes browsers send "Origin: null", which CSRF refuses
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "blob:", "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "worker-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "require-trusted-types-for": ["'script'"],  # no text becomes code: innerHTML and its kin throw
}

# --- languages and time ------------------------------------------------------------------------------
LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", "Nederlands"), ("en", "English"), ("pap-aw", "Papiamento"), ("pap-cw", "Papiamentu")]
for code, name in [("pap-aw", "Papiamento"), ("pap-cw", "Papiamentu")]:
    django.conf.locale.LANG_INFO[code] = {"bidi": False, "code": code, "name": name, "name_local": name}
for code in ("pap", "pap-bq", "pap-an"):  # a browser that names no island, or Bonaire: the spelling of Curaçao
    django.conf.locale.LANG_INFO[code] = {"fallback": ["pap-cw"]}
LOCALE_PATHS = [ROOT / "locale"]
if os.environ.get("LEERORKEST_PSEUDO") == "1":  # a made-up right-to-left language, for tests of the layout
    django.conf.locale.LANG_INFO["ar-xb"] = {
        "bidi": True,
        "code": "ar-xb",
        "name": "Pseudo",
        "name_local": "Pseudo",
    }
    LANGUAGES.append(("ar-xb", "Pseudo"))
    LOCALE_PATHS.append(DATA / "locale")  # made at set-up, never committed
FORMAT_MODULE_PATH = ["leerorkest.formats"]
USE_TZ = True
TIME_ZONE = "Europe/Amsterdam"  # each organisation has its own; this is only the server's

# --- files, mail, log --------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": FILES},
    },
    "staticfiles": {"BACKEND": "leerorkest.shared.static_files.HashedFiles"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_ROOT = DATA / "root"  # robots.txt and security.txt: see shared/root_files.py
WHITENOISE_ROOT.mkdir(exist_ok=True)
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024  # a roster never touches the disk
MAIL_URL = urlsplit(os.environ.get("LEERORKEST_MAIL_URL", ""))  # smtps://name:password@host:465, or smtp://host:25
SENDS_MAIL = bool(MAIL_URL.hostname)
if SENDS_MAIL:
    MAILER: dict[str, object] = {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": MAIL_URL.hostname,
            "port": MAIL_URL.port or {"smtps": 465, "smtp+tls": 587}.get(MAIL_URL.scheme, 25),
            "username": unquote(MAIL_URL.username or ""),
            "password": unquote(MAIL_URL.password or ""),
            "use_ssl": MAIL_URL.scheme == "smtps",
            "use_tls": MAIL_URL.scheme == "smtp+tls",
            "timeout": 20,
        },
    }
else:  # on this machine a mail is shown in the log; a real site without mail sends none
    MAILER = {"BACKEND": f"django.core.mail.backends.{'console' if IS_LOCAL else 'dummy'}.EmailBackend"}
MAILERS = {"default": MAILER}
DEFAULT_FROM_EMAIL = os.environ.get("LEERORKEST_MAIL_FROM", f"leerorkest@{ALLOWED_HOSTS[0].lstrip('.')}")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "leerorkest.shared.log.NamesNobody",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
SITE_NAME = _("Leerorkest")
