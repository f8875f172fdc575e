# Shared by the scripts beside it; sourced from the project's root.
# shellcheck shell=bash

VENV=${LMS_VENV:-$PWD/.venv}

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }

find_chromium() { # a Chromium that is a browser, not the installer of a snap
  local name path
  for name in ${LMS_CHROMIUM:-} chromium chromium-browser google-chrome google-chrome-stable; do
    path=$(command -v "$name") || continue
    if head -c 2000 "$path" | grep -aq "snap install"; then continue; fi
    printf '%s\n' "$path"
    return 0
  done
  for path in "$HOME"/.cache/ms-playwright/chromium-*/chrome-linux*/chrome; do
    if [ -x "$path" ]; then printf '%s\n' "$path"; return 0; fi
  done
  return 1
}

find_headless_shell() { # the same engine without the window that nobody sees
  local name path
  for name in ${LMS_HEADLESS_SHELL:-} chromium-headless-shell chrome-headless-shell; do
    if path=$(command -v "$name"); then printf '%s\n' "$path"; return 0; fi
  done
  for path in "$HOME"/.cache/ms-playwright/chromium_headless_shell-*/chrome-*/*headless[-_]shell; do
    if [ -x "$path" ]; then printf '%s\n' "$path"; return 0; fi
  done
  return 1
}

find_postgresql() { # the directory of the newest PostgreSQL's programs
  local path found=""
  for path in /usr/lib/postgresql/*/bin; do
    if [ -x "$path/initdb" ]; then found=$path; fi
  done
  if [ -z "$found" ] && path=$(command -v initdb); then found=$(dirname "$path"); fi
  [ -n "$found" ] && printf '%s\n' "$found"
}

frontend_lacks() { # what keeps the tablet app from being built and tested here; nothing if it can be
  local version
  version=$(node --version 2>/dev/null) || { printf 'Node is not installed'; return; }
  version=${version#v}
  if [ "${version%%.*}" -lt 20 ]; then
    printf 'Node is %s, older than 20' "$version"
  elif [ ! -e frontend/node_modules/esbuild ]; then
    if command -v npm >/dev/null; then printf 'npm ci did not succeed'; else printf 'npm is missing'; fi
  fi
}
