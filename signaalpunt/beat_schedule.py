"""What beat calls, and how often: plain seconds in UTC, ids only, nothing that may be late is kept."""

# What nobody waits for.
HOUSEKEEPING = {
    "warn-of-erasing": {
        "task": "followup.tasks.warn_of_erasing",
        "schedule": 6 * 3600.0,
        "options": {"expires": 3600.0},
    },
    "ask-reporters": {"task": "signals.tasks.ask_reporters", "schedule": 3600.0, "options": {"expires": 3600.0}},
    "forget-drafts": {"task": "signals.tasks.forget_drafts", "schedule": 3600.0},
    "forget-mail": {"task": "municipalities.tasks.forget_mail", "schedule": 3600.0, "options": {"expires": 3600.0}},
    "forget-tallies": {
        "task": "municipalities.tasks.forget_tallies",
        "schedule": 600.0,
        "options": {"expires": 600.0},
    },
}


def beat_schedule(*, sweep, mail, ping, anchors):
    """Celery's beat schedule; the arguments are seconds between two passes."""
    return HOUSEKEEPING | {
        "sweep": {
            "task": "followup.tasks.sweep",
            "schedule": sweep,
            "options": {"expires": sweep},
        },
        "deliver-mail": {
            "task": "municipalities.tasks.deliver_mail",
            "schedule": mail,
            "options": {"expires": mail},
        },
        "ping": {
            "task": "followup.tasks.ping",
            "schedule": ping,
            "options": {"expires": ping},
        },
        # Dutch half past seven moves against UTC twice a year: asked often, decided by the clock on the wall.
        "all-clear": {"task": "followup.tasks.queue_all_clear", "schedule": 900.0, "options": {"expires": 900.0}},
        "anchor-history": {
            "task": "municipalities.tasks.anchor_history",
            "schedule": anchors,
            "options": {"expires": anchors},
        },
    }
