from django.apps import AppConfig
from django.core.checks import Tags, register

from municipalities.checks import quiet_log


class MunicipalitiesConfig(AppConfig):
    name = "municipalities"

    def ready(self):
        register(quiet_log, Tags.database, deploy=True)
