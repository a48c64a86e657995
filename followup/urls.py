from django.urls import path

from followup.views import access_log, dossier, ladder, late, today

urlpatterns = [
    path("<slug:gemeente>/vandaag/", today.today, name="today"),
    path("<slug:gemeente>/instellingen/escalatie/", ladder.ladder, name="ladder"),
    path("<slug:gemeente>/leeslog/", access_log.access_log, name="access_log"),
    path("<slug:gemeente>/leeslog/bestand/", access_log.access_log_export, name="access_log_export"),
    path("<slug:gemeente>/leeslog/opvallend/", access_log.outliers, name="outliers"),
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
