"""No request is larger than a form needs: what is too much is refused before anybody reads it."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig

CHUNK, PATIENCE = 64 * 1024, 2 * 1024 * 1024


class BodyLimitMiddleware:
    """Refuses by the length that is announced; without one the server takes in nothing at all."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        length = _announced(request)
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            _let_run_out(request, length)
            raise RequestDataTooBig
        return self.get_response(request)


def _announced(request):
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isdecimal() else 0


def _let_run_out(request, length):
    """Throw away what still comes: a browser shows the answer only when it could finish its question."""
    if length <= PATIENCE:
        while request.read(CHUNK):
            """The next part."""
