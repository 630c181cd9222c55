// Command pulumi-resource-hcloud is the Pulumi plugin for hcloud.
package main

import (
	"context"
	_ "embed"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"

	"sovereign.invalid/toolchain/providers/internal/hcloudmap"
)

//go:embed schema.json
var schema []byte

//go:embed bridge-metadata.json
var metadata []byte

func main() {
	pf.MainWithMuxer(context.Background(), "hcloud", hcloudmap.Info(metadata), schema)
}
