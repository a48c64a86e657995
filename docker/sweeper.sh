#!/bin/sh
# The caller of the sweep outside Celery. One that fails must not end the loop: the next round tries again.
trap 'exit 0' TERM INT
while true; do
    python manage.py sweep --caller timer || echo "sweep failed; again in 120 s" >&2
    python manage.py deliver_mail || echo "deliver_mail failed; again in 120 s" >&2
    touch /tmp/round
    sleep 120 &
    wait $!
done
