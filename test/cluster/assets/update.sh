#!/usr/bin/env bash
# Rewrites go.mod and go.sum for another Kubernetes (and, if given, etcd) release:
#   update.sh 1.37.2 [3.7.0]
# The published module k8s.io/kubernetes points at staging folders it does not contain;
# each of them is replaced by the module of the same name, released as v0.MINOR.PATCH.
set -euo pipefail

if [[ $# -lt 1 || ! $1 =~ ^1\.[0-9]+\.[0-9]+$ || ! ${2:-3.7.0} =~ ^3\.[0-9]+\.[0-9]+$ ]]; then
  echo "usage: update.sh KUBERNETES_VERSION [ETCD_VERSION], for instance: update.sh 1.37.2 3.7.0" >&2
  exit 2
fi
kubernetes=v$1
staging=v0.${1#1.}
etcd=v${2:-3.7.0}

cd "$(dirname "${BASH_SOURCE[0]}")"
export GOTOOLCHAIN=${GOTOOLCHAIN:-auto}
old=$(mktemp -d)
cp go.mod go.sum "$old" 2>/dev/null || true
trap 'status=$?; if ((status != 0)); then cp "$old"/* . 2>/dev/null || true; fi; rm -rf "$old"' EXIT

upstream=$(cd "$old" && go mod download -json "k8s.io/kubernetes@$kubernetes" | sed -n 's/^[[:space:]]*"GoMod": "\(.*\)",\{0,1\}$/\1/p')
{
  echo 'module firn.test/assets'
  echo
  grep -E '^go [0-9]' "$upstream"
  echo
  echo "require ("
  printf '\tgo.etcd.io/etcd/server/v3 %s\n' "$etcd"
  printf '\tk8s.io/kubernetes %s\n' "$kubernetes"
  echo ")"
  echo
  echo "replace ("
  sed -nE "s#^[[:space:]]*(replace[[:space:]]+)?(k8s\.io/[a-z0-9.-]+) => \./staging/src/k8s\.io/.*#\t\2 => \2 $staging#p" "$upstream"
  echo ")"
} >go.mod
rm -f go.sum
nice go mod tidy
echo "go.mod: Kubernetes $kubernetes, etcd $etcd" >&2
