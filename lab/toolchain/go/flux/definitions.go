//go:build tools

// Package flux names the packages that the definitions of Flux's kinds are made from, so that go.mod keeps their versions.
package flux

import (
	_ "github.com/fluxcd/helm-controller/api/v2"
	_ "github.com/fluxcd/kustomize-controller/api/v1"
	_ "github.com/fluxcd/source-controller/api/v1"
	_ "github.com/fluxcd/source-controller/api/v1beta2"
	_ "sigs.k8s.io/controller-tools/cmd/controller-gen"
)
