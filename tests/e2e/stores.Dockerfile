# PostgreSQL of Debian and an S3 server of PyPI, for the archive of the end-to-end tests.
ARG PYTHON_IMAGE=python:3.12-slim-bookworm
FROM ${PYTHON_IMAGE}
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql && rm -rf /var/lib/apt/lists/*
ARG MOTO_VERSION
RUN pip install --no-cache-dir --quiet "moto[s3]==${MOTO_VERSION}" "flask>=3" "flask-cors"
