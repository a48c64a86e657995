from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions import views as usersessions
from django.urls import include, path, re_path, register_converter

from municipalities import second_factor_views
from signaalpunt import views
from signals.receipt import ReferenceConverter

register_converter(ReferenceConverter, "reference")

handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler429 = views.too_many  # allauth's, when a limit is reached
handler500 = views.server_error

account_patterns = [
    path("inloggen/", account.login, name="account_login"),
    path("inloggen/passkey/", webauthn.login_webauthn, name="mfa_login_webauthn"),
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
    path("sessies/", usersessions.list_usersessions, name="usersessions_list"),
    path("tweede-stap/", mfa.index, name="mfa_index"),
    path("tweede-stap/invullen/", mfa.authenticate, name="mfa_authenticate"),
    path("tweede-stap/opnieuw/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("tweede-stap/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("tweede-stap/app/uit/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("tweede-stap/codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("tweede-stap/codes/nieuw/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("tweede-stap/codes/bewaren/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("tweede-stap/sleutels/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("tweede-stap/sleutels/erbij/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("tweede-stap/sleutels/opnieuw/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("tweede-stap/sleutels/<int:pk>/weg/", second_factor_views.remove_key, name="mfa_remove_webauthn"),
    path("tweede-stap/sleutels/<int:pk>/naam/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("inactief/", account.account_inactive, name="account_inactive"),
    path("aanmelden/", account.signup, name="account_signup"),
]

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("account/", include(account_patterns)),
    path("", include("municipalities.urls")),
    path("", include("signals.urls")),
    path("", include("followup.urls")),
]
