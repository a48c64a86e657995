"""The pages to log in, to stay logged in, and of everything that somebody logs in with."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from tests.browser import walk
from tests.browser.scene import Scene, fill_and_go
from tests.oidc import give

# Nobody listens there, and no test goes out to ask.
NOBODY = "http://127.0.0.1:9"


def no_name(page):
    page.fill("#id_name", "")
    walk.go_on(page)


def account(cast, holders):
    """`holders` are users by what they get as their second step: with_key and with_app."""
    give(cast, NOBODY)
    data = {"name": "blauwe sleutel", "credential": {}}
    blue = Authenticator.objects.create(user=holders["with_key"], type=Authenticator.Type.WEBAUTHN, data=data)
    TOTP.activate(holders["with_app"], generate_totp_secret())
    key = f"{user_pk_to_url_str(cast.worker)}-{default_token_generator.make_token(cast.worker)}"
    return [
        Scene("log in", "/account/inloggen/", "guest"),
        Scene("log in, error", "/account/inloggen/", "guest", walk.go_on),
        Scene("log in, refused", "/account/inloggen/", "guest", fill_and_go(login="x@y.example", password="nee")),
        Scene("forgot", "/account/wachtwoord/vergeten/", "guest"),
        Scene("forgot, error", "/account/wachtwoord/vergeten/", "guest", walk.go_on),
        Scene("forgot, sent", "/account/wachtwoord/vergeten/verstuurd/", "guest"),
        Scene("new password", f"/account/wachtwoord/nieuw/{key}/", "guest"),
        Scene("new password, error", f"/account/wachtwoord/nieuw/{key}/", "guest", walk.go_on),
        Scene("new password, bad link", "/account/wachtwoord/nieuw/1-onzin/", "guest"),
        Scene("new password, done", "/account/wachtwoord/nieuw/klaar/", "guest"),
        Scene("inactive", "/account/inactief/", "guest"),
        Scene("password change", "/account/wachtwoord/", "two_places"),
        Scene("password change, error", "/account/wachtwoord/", "two_places", walk.go_on),
        Scene("first password", "/account/wachtwoord/instellen/", "nowhere"),
        Scene("log out", "/account/uitloggen/", "two_places"),
        Scene("reauthenticate", "/account/opnieuw/", "two_places"),
        Scene("reauthenticate, error", "/account/opnieuw/", "two_places", walk.go_on),
        *_second_steps(blue),
        Scene("work accounts", "/account/werkaccount/", "two_places"),
        Scene("work accounts, none", "/account/werkaccount/", "nowhere"),
        Scene("log in here", f"/{cast.slug}/inloggen/", "guest"),
        Scene("log in here, gone", f"/{cast.slug}/inloggen/", "guest", walk.go_on),
        Scene("log in here, without", "/leeg/inloggen/", "guest"),
        Scene("log in here, refused", f"/{cast.slug}/inloggen/terug/", "guest"),
        Scene("sessions", "/account/sessies/", "two_places"),
        Scene("places", "/account/verder/", "two_places"),
        Scene("no places", "/account/verder/", "nowhere"),
    ]


def _second_steps(blue):
    return [
        Scene("second step", "/account/tweede-stap/", "two_places"),
        Scene("second step, app", "/account/tweede-stap/app/", "two_places"),
        Scene("second step, app, error", "/account/tweede-stap/app/", "two_places", walk.go_on),
        Scene("second step, key", "/account/tweede-stap/sleutels/erbij/", "two_places"),
        Scene("keys, none", "/account/tweede-stap/sleutels/", "two_places"),
        Scene("keys", "/account/tweede-stap/sleutels/", "with_key"),
        Scene("key, name", f"/account/tweede-stap/sleutels/{blue.pk}/naam/", "with_key"),
        Scene("key, name, error", f"/account/tweede-stap/sleutels/{blue.pk}/naam/", "with_key", no_name),
        Scene("key, away", f"/account/tweede-stap/sleutels/{blue.pk}/weg/", "with_key"),
        Scene("key, last", f"/account/tweede-stap/sleutels/{blue.pk}/weg/", "with_key", walk.go_on),
        Scene("key once more", "/account/tweede-stap/sleutels/opnieuw/", "two_places"),
        Scene("code once more", "/account/tweede-stap/opnieuw/", "with_app"),
        Scene("code once more, error", "/account/tweede-stap/opnieuw/", "with_app", walk.go_on),
        Scene("app, away", "/account/tweede-stap/app/uit/", "with_app"),
        Scene("app, last", "/account/tweede-stap/app/uit/", "with_app", walk.go_on),
        Scene("recovery codes, new", "/account/tweede-stap/codes/nieuw/", "with_app"),
        Scene("recovery codes", "/account/tweede-stap/codes/nieuw/", "with_app", walk.go_on),
    ]
