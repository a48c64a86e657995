from django.urls import path

from signals.models import AfterKind
from signals.views import address, afterwords, confirming, desk, glass, pauses, reporters, status, wishes
from signals.views import intake as pages

urlpatterns = [
    path("s/<slug:code>/", pages.short_address, name="partner_address"),
    path("<slug:gemeente>/signaal/", pages.start, name="signal_start"),
    path("<slug:gemeente>/signaal/<uuid:draft_id>/controleren/", pages.check, name="signal_check"),
    path("<slug:gemeente>/signaal/<uuid:draft_id>/bedankt/", pages.thanks, name="signal_thanks"),
    path("<slug:gemeente>/signaal/<uuid:draft_id>/bedankt/pdf/", pages.receipt_as_pdf, name="receipt_pdf"),
    path("<slug:gemeente>/signaal/<uuid:draft_id>/adres/", address.address, name="signal_address"),
    path("<slug:gemeente>/signaal/<uuid:draft_id>/<slug:name>/", pages.step, name="signal_step"),
    path("<slug:gemeente>/status/", status.status, name="signal_status"),
    path("<slug:gemeente>/status/toevoegen/", afterwords.write, {"kind": AfterKind.ADDED}, name="signal_add"),
    path("<slug:gemeente>/status/intrekken/", afterwords.write, {"kind": AfterKind.WITHDRAWN}, name="signal_withdraw"),
    path("<slug:gemeente>/status/zorgen/", afterwords.write, {"kind": AfterKind.WORRIED}, name="signal_worried"),
    path("<slug:gemeente>/gemerkt/<str:question>/", afterwords.noticed, name="signal_noticed"),
    path("<slug:gemeente>/e-mail-bevestigen/<str:confirmation>/", confirming.confirm_email, name="confirm_email"),
    path("<slug:gemeente>/mijn-gegevens/", reporters.ask_own_data, name="ask_own_data"),
    path("<slug:gemeente>/mijn-gegevens/<str:link>/", reporters.own_data_link, name="own_data_link"),
    path("<slug:gemeente>/signalen/", desk.dashboard, name="dashboard"),
    path("<slug:gemeente>/signalen/<reference:reference>/toewijzen/", desk.assign, name="assign"),
    path("<slug:gemeente>/signalen/<reference:reference>/oppakken/", desk.accept, name="accept"),
    path("<slug:gemeente>/signalen/<reference:reference>/pakken/", desk.take, name="take"),
    path("<slug:gemeente>/signalen/<reference:reference>/pauze/", pauses.pause, name="pause"),
    path("<slug:gemeente>/signalen/<reference:reference>/pauze/voorbij/", pauses.end_pause, name="end_pause"),
    path("<slug:gemeente>/signalen/<reference:reference>/openen/", glass.glass, name="glass"),
    path("<slug:gemeente>/signalen/<reference:reference>/afschermen/", glass.protect, name="protect"),
    path("<slug:gemeente>/afgeschermd/", glass.protected, name="protected"),
    path("<slug:gemeente>/afgeschermd/<reference:reference>/voorbij/", glass.end_protection, name="end_protection"),
    path(
        "<slug:gemeente>/signalen/<reference:reference>/melder/gezien/<int:word_id>/",
        afterwords.see,
        name="see_afterword",
    ),
    path(
        "<slug:gemeente>/signalen/<reference:reference>/melder/gegevens/", reporters.reporter_data, name="reporter_data"
    ),
    path(
        "<slug:gemeente>/signalen/<reference:reference>/melder/gegevens/bestand/",
        reporters.reporter_data_file,
        name="reporter_data_file",
    ),
    path("<slug:gemeente>/signalen/<reference:reference>/geen-contact/", wishes.record_wish, name="record_wish"),
    path(
        "<slug:gemeente>/signalen/<reference:reference>/geen-contact/<int:wish_id>/besluit/",
        wishes.decide_wish,
        name="decide_wish",
    ),
    path(
        "<slug:gemeente>/signalen/<reference:reference>/geen-contact/<int:wish_id>/voorbij/",
        wishes.withdraw_wish,
        name="withdraw_wish",
    ),
    path("<slug:gemeente>/signalen/<reference:reference>/sluiten/", desk.close, name="close"),
    path("<slug:gemeente>/signalen/<reference:reference>/heropenen/", desk.reopen, name="reopen"),
    path("<slug:gemeente>/signalen/<reference:reference>/vertrouwen/", desk.trust, name="trust"),
]
