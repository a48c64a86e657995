from django.urls import path

from followup.views import access_log, dossier, informing, inspection, ladder, late, rectifying, requests, today

urlpatterns = [
    path("<slug:gemeente>/vandaag/", today.today, name="today"),
    path("<slug:gemeente>/instellingen/escalatie/", ladder.ladder, name="ladder"),
    path("<slug:gemeente>/leeslog/", access_log.access_log, name="access_log"),
    path("<slug:gemeente>/leeslog/bestand/", access_log.access_log_export, name="access_log_export"),
    path("<slug:gemeente>/leeslog/opvallend/", access_log.outliers, name="outliers"),
    path("<slug:gemeente>/verzoeken/", requests.requests, name="requests"),
    path("<slug:gemeente>/verzoeken/niet-verteld/", informing.not_informed, name="not_informed"),
    path("<slug:gemeente>/verzoeken/<int:request_id>/", requests.rights_request, name="rights_request"),
    path("<slug:gemeente>/verzoeken/<int:request_id>/einde/", requests.end_request, name="end_request"),
    path("<slug:gemeente>/verzoeken/<int:request_id>/verlengen/", requests.extend_request, name="extend_request"),
    path(
        "<slug:gemeente>/verzoeken/<int:request_id>/voorbereiden/",
        inspection.prepare_inspection,
        name="prepare_inspection",
    ),
    path(
        "<slug:gemeente>/verzoeken/<int:request_id>/document/",
        inspection.inspection_document,
        name="inspection_document",
    ),
    path(
        "<slug:gemeente>/verzoeken/<int:request_id>/document/json/", inspection.inspection_json, name="inspection_json"
    ),
    path("<slug:gemeente>/verzoeken/<int:request_id>/document/pdf/", inspection.inspection_pdf, name="inspection_pdf"),
    path("<slug:gemeente>/te-laat/", late.late, name="late"),
    path("<slug:gemeente>/te-laat/<reference:reference>/", late.acknowledge, name="acknowledge"),
    path("<slug:gemeente>/signalen/<reference:reference>/", dossier.dossier, name="dossier"),
    path("<slug:gemeente>/signalen/<reference:reference>/inzage/", requests.ask_inspection, name="ask_inspection"),
    path("<slug:gemeente>/signalen/<reference:reference>/geen-contact/rust/", late.rest_for_wish, name="rest_for_wish"),
    path("<slug:gemeente>/signalen/<reference:reference>/wie-keek/", access_log.own_access, name="own_access"),
    path("<slug:gemeente>/signalen/<reference:reference>/verteld/", informing.inform, name="inform"),
    path("<slug:gemeente>/signalen/<reference:reference>/niet-juist/", rectifying.rectify, name="rectify"),
    path("<slug:gemeente>/signalen/<reference:reference>/gegevens/", rectifying.correct_person, name="correct_person"),
    path("<slug:gemeente>/signalen/<reference:reference>/melder/", dossier.reporter, name="reporter"),
    path("<slug:gemeente>/signalen/<reference:reference>/contact/", dossier.log_contact, name="log_contact"),
    path(
        "<slug:gemeente>/signalen/<reference:reference>/contact/<uuid:entry_id>/verbeteren/",
        dossier.correct_contact,
        name="correct_contact",
    ),
]
