import os

from django.core.wsgi import get_wsgi_application

from municipalities.tenancy import refuse_all_seeing_role

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "signaalpunt.settings")
application = get_wsgi_application()
refuse_all_seeing_role()
