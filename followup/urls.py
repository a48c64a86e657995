from django.urls import path

from followup.views import access_log, dossier, ladder, late, retention, today

urlpatterns = [
    path("<slug:gemeente>/vandaag/", today.today, name="today"),
    path("<slug:gemeente>/instellingen/escalatie/", ladder.ladder, name="ladder"),
    path("<slug:gemeente>/leeslog/", access_log.access_log, name="access_log"),
    path("<slug:gemeente>/leeslog/bestand/", access_log.access_log_export, name="access_log_export"),
    path("<slug:gemeente>/leeslog/opvallend/", access_log.outliers, name="outliers"),
    path("<slug:gemeente>/bewaren/", retention.overview, name="retention"),
    path("<slug:gemeente>/bewaren/voorstellen/", retention.propose, name="propose_disposal"),
    path("<slug:gemeente>/bewaren/<int:disposal_id>/", retention.disposal, name="disposal"),
    path("<slug:gemeente>/bewaren/<int:disposal_id>/akkoord/", retention.approve, name="approve_disposal"),
    path("<slug:gemeente>/bewaren/<int:disposal_id>/terug/", retention.withdraw, name="withdraw_disposal"),
    path("<slug:gemeente>/bewaren/<reference:reference>/wissen/", retention.propose_one, name="propose_erasure"),
    path("<slug:gemeente>/bewaren/<reference:reference>/vasthouden/", retention.hold, name="hold"),
    path("<slug:gemeente>/bewaren/<reference:reference>/vrijgeven/", retention.lift_hold, name="lift_hold"),
    path("<slug:gemeente>/instellingen/bewaren/", retention.terms, name="retention_terms"),
    path("<slug:gemeente>/te-laat/", late.late, name="late"),
    path("<slug:gemeente>/te-laat/<reference:reference>/", late.acknowledge, name="acknowledge"),
    path("<slug:gemeente>/signalen/<reference:reference>/", dossier.dossier, name="dossier"),
    path("<slug:gemeente>/signalen/<reference:reference>/melder/", dossier.reporter, name="reporter"),
    path("<slug:gemeente>/signalen/<reference:reference>/contact/", dossier.log_contact, name="log_contact"),
    path(
        "<slug:gemeente>/signalen/<reference:reference>/contact/<uuid:entry_id>/verbeteren/",
        dossier.correct_contact,
        name="correct_contact",
    ),
]
