from allauth.account.adapter import DefaultAccountAdapter


class StaffAccountAdapter(DefaultAccountAdapter):
    """Staff do not sign themselves up: somebody who is responsible for them makes the account."""

    def is_open_for_signup(self, request):
        return False
