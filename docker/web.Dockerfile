# The web process and the scheduler: Django without torch.
FROM node:24-slim AS frontend
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STUDIO_HOME=/data
WORKDIR /app
COPY pyproject.toml requirements.lock ./
# Only the base dependencies, at the versions of the lock.
RUN pip install --no-cache-dir uv==0.13.9 \
    && python -c "import tomllib; print('\n'.join(tomllib.load(open('pyproject.toml','rb'))['project']['dependencies']))" > base.txt \
    && uv pip install --system --no-cache -r base.txt --constraint requirements.lock babel
COPY manage.py ./
COPY protocol protocol
COPY corpus corpus
COPY jobs jobs
COPY studio studio
COPY templates templates
COPY locale locale
COPY samples samples
COPY static static
COPY --from=frontend /src/static/dist static/dist
RUN if ls locale/*/LC_MESSAGES/django.po >/dev/null 2>&1; then pybabel compile -D django -d locale; fi \
    && useradd --uid 10001 --create-home studio && mkdir /data && chown studio /data
USER studio
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --retries=4 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["uvicorn", "studio.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--no-server-header", "--lifespan", "off", \
     "--ws-per-message-deflate", "false", "--ws-max-size", "65536"]
