// cert-manager's three programs as plain processes:
//
//	certmanager controller|webhook|cainjector FLAGS
//
// The flags have upstream's names and meanings; one that is not known here is an error. The module's path begins with
// cert-manager's, so that its internal packages may be imported, as upstream's own commands do
// (https://github.com/cert-manager/cert-manager/tree/v1.19.1/cmd; they are modules of their own, which no proxy has).
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	logf "github.com/cert-manager/cert-manager/pkg/logs"
)

var errLeaderElection = errors.New("leader election is not built here: give --leader-elect=false")

func main() {
	programs := map[string]func(context.Context, []string) error{
		"controller": runController,
		"webhook":    runWebhook,
		"cainjector": runCAInjector,
	}
	if len(os.Args) < 2 || programs[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: certmanager controller|webhook|cainjector FLAGS")
		os.Exit(2)
	}
	name := os.Args[1]
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	logf.InitLogs()
	if err := programs[name](logf.NewContext(ctx, logf.Log, name), os.Args[2:]); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintf(os.Stderr, "certmanager %s: %v\n", name, err)
		os.Exit(1)
	}
}
