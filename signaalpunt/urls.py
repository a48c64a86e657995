from allauth.account import views as account
from django.urls import include, path, re_path, register_converter

from signaalpunt import views
from signals.receipt import ReferenceConverter

register_converter(ReferenceConverter, "reference")

handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.server_error

account_patterns = [
    path("inloggen/", account.login, name="account_login"),
    path("uitloggen/", account.logout, name="account_logout"),
    path("wachtwoord/", account.password_change, name="account_change_password"),
    path("wachtwoord/instellen/", account.password_set, name="account_set_password"),
    path("wachtwoord/vergeten/", account.password_reset, name="account_reset_password"),
    path("wachtwoord/vergeten/verstuurd/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^wachtwoord/nieuw/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "wachtwoord/nieuw/klaar/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("opnieuw/", account.reauthenticate, name="account_reauthenticate"),
    path("inactief/", account.account_inactive, name="account_inactive"),
    path("aanmelden/", account.signup, name="account_signup"),
]

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("account/", include(account_patterns)),
    path("", include("municipalities.urls")),
    path("", include("signals.urls")),
    path("", include("followup.urls")),
]
