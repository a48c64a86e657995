"""Servers of our own beside a test."""

from threading import Thread


def serve(server):
    """Let it serve in a thread, which is given back. It ends soon after `shutdown`, where half a second is usual."""
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    return thread
