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
ENV DATA_DIR=/data
EXPOSE 8000
