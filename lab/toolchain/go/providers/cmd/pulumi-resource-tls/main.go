// Command pulumi-resource-tls is the Pulumi plugin for tls.
package main

import (
	"context"
	_ "embed"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"

	"sovereign.invalid/toolchain/providers/internal/tlsmap"
)

//go:embed schema.json
var schema []byte

//go:embed bridge-metadata.json
var metadata []byte

func main() {
	pf.Main(context.Background(), "tls", tlsmap.Info(metadata), pf.ProviderMetadata{PackageSchema: schema})
}
