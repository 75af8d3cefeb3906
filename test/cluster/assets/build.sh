#!/usr/bin/env bash
# Prints a folder that holds kube-apiserver, etcd and kubectl, building them from Go modules if need be.
#
#   KUBEBUILDER_ASSETS     a folder that has the three already: used as it is
#   FIRN_ENVTEST_CACHE     where to keep what was built (default: ~/.cache/firn/envtest/VERSION)
#
# The folder goes to stdout, everything else to stderr. The first build takes minutes, later calls nothing.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
binaries=(kube-apiserver etcd kubectl)

say() { printf 'assets: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

has_binaries() {
  local name
  for name in "${binaries[@]}"; do
    [[ -f $1/$name && -x $1/$name ]] || return 1
  done
}

required() { sed -nE "s#^(require)?[[:space:]]*$1 v([0-9][^[:space:]]*).*#\2#p" "$here/go.mod" | head -n 1; }

if [[ -n ${KUBEBUILDER_ASSETS:-} ]]; then
  if has_binaries "$KUBEBUILDER_ASSETS"; then
    printf '%s\n' "$KUBEBUILDER_ASSETS"
    exit 0
  fi
  say "KUBEBUILDER_ASSETS ($KUBEBUILDER_ASSETS) lacks one of: ${binaries[*]}; it is not used"
fi

kubernetes=$(required k8s.io/kubernetes)
etcd=$(required go.etcd.io/etcd/server/v3)
IFS=. read -r major minor _ <<<"$kubernetes"
component=k8s.io/component-base/version
ldflags="-s -w -X $component.gitVersion=v$kubernetes -X $component.gitMajor=$major -X $component.gitMinor=$minor"

folder=${FIRN_ENVTEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/firn/envtest/$kubernetes}
stamp="kubernetes $kubernetes
etcd $etcd
flags CGO_ENABLED=0 -trimpath -ldflags $ldflags
modules $(cat "$here/go.mod" "$here/go.sum" | cksum)"

# The stamp is removed before the first binary is replaced and written after the last one:
# with it, the folder is complete and of this version.
is_complete() { has_binaries "$folder" && [[ -f $folder/stamp && $(<"$folder/stamp") == "$stamp" ]]; }

if is_complete; then
  printf '%s\n' "$folder"
  exit 0
fi

remedy="install Go 1.21 or later (it fetches the release it needs by itself), \
or point KUBEBUILDER_ASSETS at a folder with ${binaries[*]}"
command -v go >/dev/null || fail "there is no go command to build ${binaries[*]} with: $remedy"
installed=$(cd / && GOTOOLCHAIN=local go env GOVERSION)
[[ $installed =~ ^(devel |go1\.(2[1-9]|[3-9][0-9])|go[2-9]) ]] || fail "$installed is too old to build Kubernetes $kubernetes: $remedy"

# Nothing from the caller's environment may change the flags, or the build cache would not hit.
export CGO_ENABLED=0 GOFLAGS=-mod=readonly GOWORK=off
if [[ ${GOTOOLCHAIN:-local} == local ]]; then
  export GOTOOLCHAIN=auto
fi

mkdir -p "$folder"
exec 9>"$folder/.lock"
if command -v flock >/dev/null && ! flock -n 9; then
  say "another run is building in $folder: waiting for it"
  flock 9
fi
if is_complete; then
  printf '%s\n' "$folder"
  exit 0
fi

rm -rf "$folder"/.partial.*
partial=$(mktemp -d "$folder/.partial.XXXXXX")
trap 'rm -rf "$partial"' EXIT

build() {
  say "building $1 from $2 (the first time takes minutes)"
  (cd "$here" && go build -trimpath -ldflags "$ldflags" -o "$partial/$1" "$2" >&2 9>&-) ||
    fail "$1 did not build: see above; behind a proxy, check GOPROXY, HTTPS_PROXY and $(go env GOMODCACHE)"
}
started=$SECONDS
build etcd go.etcd.io/etcd/server/v3
build kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver
build kubectl k8s.io/kubernetes/cmd/kubectl

rm -f "$folder/stamp"
for name in "${binaries[@]}"; do
  mv -f "$partial/$name" "$folder/$name"
done
printf '%s\n' "$stamp" >"$partial/stamp"
mv -f "$partial/stamp" "$folder/stamp"
say "$folder is complete after $((SECONDS - started)) s"
printf '%s\n' "$folder"
