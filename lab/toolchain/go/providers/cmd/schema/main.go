// Command gen writes what a plugin embeds, schema.json and
// bridge-metadata.json: gen NAME schema --out DIR --skip-docs --skip-examples.
package main

import (
	"fmt"
	"os"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"

	"sovereign.invalid/toolchain/providers/internal/hcloudmap"
	"sovereign.invalid/toolchain/providers/internal/randommap"
	"sovereign.invalid/toolchain/providers/internal/tlsmap"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: gen hcloud|random|tls ARGUMENT...")
		os.Exit(2)
	}
	name := os.Args[1]
	os.Args = append(os.Args[:1:1], os.Args[2:]...)
	switch name {
	case "hcloud":
		tfgen.MainWithMuxer(name, hcloudmap.Info(nil))
	case "random":
		tfgen.Main(name, randommap.Info(nil))
	case "tls":
		tfgen.Main(name, tlsmap.Info(nil))
	default:
		fmt.Fprintf(os.Stderr, "gen: no provider named %q\n", name)
		os.Exit(2)
	}
}
