#!/usr/bin/env bash
# Installs the servers and the browser that tests need, where missing; without root it prints the one command.
set -euo pipefail
missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
command -v bearerbox >/dev/null || missing+=(kannel)
[ -f /usr/share/xml/w3c-sgml-lib/schema/dtd/REC-voicexml21-20070619/vxml.dtd ] || missing+=(w3c-sgml-lib)   # VoiceXML's DTD
[ -x /usr/lib/kannel/test/fakesmsc ] || missing+=(kannel-extras)
if command -v fc-list >/dev/null; then [ -n "$(fc-list :lang=zh)" ] || missing+=(fonts-noto-cjk); else missing+=(fontconfig fonts-noto-cjk); fi
.venv/bin/python -c 'import ctypes; ctypes.CDLL("libgomp.so.1")' 2>/dev/null || missing+=(libgomp1)   # LightGBM is linked to it
[ ${#missing[@]} = 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
    echo "tests need ${missing[*]}: install them with this system's package manager, then run make test again" >&2; exit 1
fi
if [ "$(id -u)" != 0 ]; then
    echo "tests need ${missing[*]}: run  sudo apt-get update && sudo apt-get install --yes --no-install-recommends ${missing[*]}" >&2; exit 1
fi
echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install --yes --no-install-recommends -qq "${missing[@]}" </dev/null >/dev/null
