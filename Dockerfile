FROM python:3.11-slim AS packages
COPY requirements/base.txt /requirements.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes --requirement /requirements.txt

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=signaalpunt.settings STATIC_ROOT=/portal/staticfiles
# pg_dump, pg_restore and psql, for backups; the folders hold what must outlive the database.
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/* \
    && useradd --system --no-create-home portal && install --directory --mode=700 --owner=portal /keep \
    && install --directory --owner=portal /anchors
COPY --from=packages /venv /venv
WORKDIR /portal
COPY . .
# Settings refuse to load without secrets; these are made for this step only and stay out of the image's environment.
RUN python -m signaalpunt.catalogue compile \
    && SECRET_KEY=$(python -c "import secrets; print(secrets.token_urlsafe(64))") \
       VAULT_KEYS=1:$(python -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())") \
       ALLOWED_HOSTS=localhost TRUSTED_PROXY_COUNT=0 PUBLIC_BASE_URL=http://localhost REDIS_URL=redis://localhost \
       DATABASE_URL=postgres://nobody@localhost/none python manage.py collectstatic --noinput
USER portal
EXPOSE 8000
CMD ["gunicorn", "signaalpunt.wsgi:application", "--bind=0.0.0.0:8000", "--workers=2", "--no-control-socket"]
