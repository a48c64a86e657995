from django.urls import path

from followup.views import dossier, today

urlpatterns = [
    path("<slug:gemeente>/vandaag/", today.today, name="today"),
    path("<slug:gemeente>/signalen/<str:reference>/", dossier.dossier, name="dossier"),
    path("<slug:gemeente>/signalen/<str:reference>/contact/", dossier.log_contact, name="log_contact"),
    path(
        "<slug:gemeente>/signalen/<str:reference>/contact/<uuid:entry_id>/verbeteren/",
        dossier.correct_contact,
        name="correct_contact",
    ),
]
