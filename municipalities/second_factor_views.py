"""What allauth's own pages of second factors do not guard: the last one stays, whichever kind it is."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.db import transaction

from municipalities.models import User


class RemoveKeyView(RemoveWebAuthnView):
    def form_valid(self, form):
        adapter = get_adapter()
        with transaction.atomic():
            # Held, so that two keys cannot let each other go at the same moment.
            User.objects.select_for_update().get(pk=self.request.user.pk)
            if adapter.can_delete_authenticator(self.object):
                return super().form_valid(form)
        form.add_error(None, adapter.validation_error("cannot_delete_authenticator"))
        return self.form_invalid(form)


remove_key = RemoveKeyView.as_view()
remove_key.access = "member"
