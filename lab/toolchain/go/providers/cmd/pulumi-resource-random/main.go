// Command pulumi-resource-random is the Pulumi plugin for random.
package main

import (
	"context"
	_ "embed"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"

	"sovereign.invalid/toolchain/providers/internal/randommap"
)

//go:embed schema.json
var schema []byte

//go:embed bridge-metadata.json
var metadata []byte

func main() {
	pf.Main(context.Background(), "random", randommap.Info(metadata), pf.ProviderMetadata{PackageSchema: schema})
}
