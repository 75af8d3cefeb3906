//go:build tools

// Package assets names the commands that build.sh compiles, so that go mod tidy keeps what they need.
package assets

import (
	_ "go.etcd.io/etcd/server/v3"
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kubectl"
)
