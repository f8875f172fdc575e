# The web server and the worker are one image; compose.yaml runs it twice.
FROM python:3.13-slim-bookworm
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 LMS_VENV=/opt/venv
WORKDIR /srv/lms
COPY script ./script
COPY requirements ./requirements
RUN script/bootstrap && rm -rf /var/lib/apt/lists/* && useradd --create-home lms
COPY . .
ENV LMS_DATA_DIR=/data LMS_BIND=0.0.0.0 PATH=/opt/venv/bin:$PATH
RUN mkdir /data && chown lms /data
USER lms
VOLUME /data
EXPOSE 8000
CMD ["python", "manage.py", "serve"]
