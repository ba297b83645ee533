# The image of all gallery services in compose.yaml; their commands stand there.
FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1
WORKDIR /darkroom

COPY pyproject.toml constraints.txt README.md LICENSE manage.py ./
COPY gallery gallery
COPY gallery_project gallery_project
COPY templates templates
COPY static static

RUN pip install --no-cache-dir -c constraints.txt -e '.[heif,uvicorn]' \
    && python -m compileall -q gallery gallery_project \
    && useradd --system --uid 10001 darkroom \
    && install --directory --owner darkroom --group darkroom /data

USER darkroom
# glibc keeps a heap for each thread, and Darkroom has a dozen that take turns: two hold the same with some 15 MiB less.
ENV DATA_DIR=/data MALLOC_ARENA_MAX=2
EXPOSE 8000
