#!/usr/bin/env bash
# Installs what handouts needs: Debian packages, then the locked Python packages into .venv.
#   scripts/install.sh        to make sheets
#   scripts/install.sh test   to run the checks too
# PYTHON names another interpreter. Exit status 11: packages are missing and cannot be installed
# from here; the command that installs them is printed.
set -euo pipefail
cd "$(dirname "$0")/.."

CANNOT_INSTALL=11

purpose=${1:-run}
case $purpose in
  run) lock=requirements.lock ;;
  test) lock=requirements-test.lock ;;
  *)
    echo "usage: scripts/install.sh [test]" >&2
    exit 2
    ;;
esac

packages=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0
  fontconfig fonts-noto-core fonts-noto-cjk)
if [[ $purpose == test ]]; then
  # Debian's postfix asks what to set up: nothing, the tests run one of their own; see install_missing.
  packages+=(cups-daemon cups-client cups-ipp-utils)
  packages+=(postfix sasl2-bin libsasl2-modules)
  packages+=(chromium) # the tests open the HTML form in it
  packages+=(poppler-utils default-jdk-headless libjaxb-java libjaxb-api-java hyperfine
    hunspell hunspell-ar hunspell-de-de hunspell-en-us hunspell-es hunspell-fr hunspell-it
    hunspell-pl hunspell-pt-br hunspell-ro hunspell-ru hunspell-tr hunspell-uk hunspell-vi)
fi

has_command() { command -v "$1" >/dev/null 2>&1; }

has_font() { has_command fc-list && [[ -n $(fc-list "$1" family) ]]; }

has_library() {
  [[ -n $python ]] &&
    "$python" -c 'import ctypes.util, sys; sys.exit(not ctypes.util.find_library(sys.argv[1]))' \
      "$1" 2>/dev/null
}

# For a package that dpkg does not know as installed: is what it brings there all the same?
works_without_package() {
  case $1 in
    libpango-1.0-0) has_library pango-1.0 ;;
    libpangoft2-1.0-0) has_library pangoft2-1.0 ;;
    libharfbuzz0b) has_library harfbuzz ;;
    libharfbuzz-subset0) has_library harfbuzz-subset ;;
    fontconfig) has_command fc-list ;;
    # A few families stand for the whole package.
    fonts-noto-core) has_font "Noto Sans Khmer" && has_font "Noto Naskh Arabic" ;;
    fonts-noto-cjk) has_font "Noto Sans CJK SC" ;;
    poppler-utils) has_command pdftotext && has_command pdftoppm ;;
    default-jdk-headless) has_command java && has_command javac ;;
    libjaxb-java) [[ -e /usr/share/java/jaxb-runtime.jar ]] ;;
    libjaxb-api-java) [[ -e /usr/share/java/jaxb-api.jar ]] ;;
    chromium) has_command chromium || has_command chromium-browser || has_command google-chrome ;;
    hyperfine) has_command hyperfine ;;
    cups-daemon) [[ -x /usr/sbin/cupsd ]] ;;
    cups-client) has_command lpstat && [[ -x /usr/sbin/lpadmin ]] ;;
    cups-ipp-utils) [[ -x /usr/sbin/ippeveprinter || -x /usr/bin/ippeveprinter ]] ;;
    postfix) [[ -x /usr/sbin/postfix ]] ;;
    sasl2-bin) [[ -x /usr/sbin/saslpasswd2 ]] ;;
    *) return 1 ;;
  esac
}

is_python_new_enough() {
  has_command "$1" && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
  local candidate
  for candidate in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
    if is_python_new_enough "$candidate"; then
      echo "$candidate"
      return
    fi
  done
}

find_missing() {
  local installed="" package
  missing=()
  python=$(find_python)
  if has_command dpkg-query; then
    installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null ||
      true)
  fi
  for package in "${packages[@]}"; do
    if [[ $'\n'$installed$'\n' != *$'\n'"$package installed"$'\n'* ]] &&
      ! works_without_package "$package"; then
      missing+=("$package")
    fi
  done
  if [[ -z $python ]]; then
    missing+=(python3.11 python3.11-venv)
  elif [[ ! -e .venv/pyvenv.cfg ]] && ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    missing+=("$(basename "$python")-venv")
  fi
}

give_up() {
  echo "handouts needs packages that cannot be installed from here: $1" >&2
  if has_command apt-get; then
    echo "  sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}" >&2
  else
    echo "  the equivalents, on this system, of Debian's: ${missing[*]}" >&2
  fi
  exit "$CANNOT_INSTALL"
}

install_missing() {
  local as_root=() log
  has_command apt-get || give_up "there is no apt-get"
  if [[ $(id -u) -ne 0 ]]; then
    sudo -n true 2>/dev/null || give_up "neither root nor sudo without a password"
    as_root=(sudo -n)
  fi
  echo "apt-get install ${missing[*]}"
  log=$(mktemp)
  if ! {
    # No configuration, no mail server that starts: the files in /etc/postfix stay away.
    if [[ " ${missing[*]} " == *" postfix "* ]]; then
      echo "postfix postfix/main_mailer_type select No configuration" |
        "${as_root[@]}" debconf-set-selections
    fi
    "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 update &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
        install --yes --no-remove --no-install-recommends "${missing[@]}"
  } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    give_up "apt-get failed"
  fi
  rm -f "$log"
}

stamp_of() {
  "${sum[@]}" "$1" pyproject.toml | cut -d ' ' -f 1
}

find_missing
if ((${#missing[@]})); then
  install_missing
  find_missing
  ((${#missing[@]} == 0)) || give_up "still missing after apt-get"
fi

sum=(sha256sum)
has_command sha256sum || sum=(shasum -a 256)

pip=(.venv/bin/python -m pip --disable-pip-version-check)
# The second: the commands in a .venv that was moved or copied still start the old one.
if ! is_python_new_enough .venv/bin/python || ! grep -qF "$PWD/.venv" .venv/bin/activate; then
  echo "$python -m venv .venv"
  "$python" -m venv --clear .venv
fi
if [[ $(cat ".venv/.installed-$purpose" 2>/dev/null) != "$(stamp_of "$lock")" ]]; then
  echo "pip install -r $lock"
  rm -f .venv/.installed-*
  # A lock is a whole closure. Without --no-deps pip 23 resolves all the same, takes the newest release of whatever the
  # lock names with an extra (coverage[toml]), and misses its hash.
  "${pip[@]}" install -qq --no-deps --require-hashes -r "$lock"
  if [[ $purpose == test ]]; then
    "${pip[@]}" install -qq --no-deps --no-build-isolation -e .
  fi
  if ! broken=$("${pip[@]}" check); then
    echo "$broken" >&2
    echo "$lock does not fit together; scripts/lock.sh renews it" >&2
    exit 1
  fi
  stamp_of "$lock" >".venv/.installed-$purpose"
  # The run-time packages of the tests are those of requirements.lock: see scripts/lock.sh.
  if [[ $purpose == test ]]; then
    stamp_of requirements.lock >.venv/.installed-run
  fi
fi
