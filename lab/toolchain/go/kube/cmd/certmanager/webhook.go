package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"

	"github.com/cert-manager/cert-manager/internal/apis/config/webhook"
	webhookvalidation "github.com/cert-manager/cert-manager/internal/apis/config/webhook/validation"
	cmwebhook "github.com/cert-manager/cert-manager/internal/webhook"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	utilconfigfile "github.com/cert-manager/cert-manager/pkg/util/configfile"
	utilfeature "github.com/cert-manager/cert-manager/pkg/util/feature"
	"github.com/cert-manager/cert-manager/pkg/webhook/admission"
	"github.com/cert-manager/cert-manager/pkg/webhook/configfile"
	"github.com/cert-manager/cert-manager/pkg/webhook/options"
	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	crwebhook "sigs.k8s.io/controller-runtime/pkg/webhook"
)

func runWebhook(ctx context.Context, args []string) error {
	c, host, err := webhookConfiguration(args)
	if err != nil {
		return err
	}
	if err := utilfeature.DefaultMutableFeatureGate.SetFromMap(c.FeatureGates); err != nil {
		return err
	}
	if errs := webhookvalidation.ValidateWebhookConfiguration(c, nil); len(errs) > 0 {
		return errs.ToAggregate()
	}
	if err := logf.ValidateAndApply(&c.Logging); err != nil {
		return err
	}
	server, err := cmwebhook.NewCertManagerWebhookServer(logf.FromContext(ctx), *c)
	if err != nil {
		return err
	}
	// Its own Run listens on every interface, so the few lines of that are here, for one address.
	manager, err := ctrl.NewManager(&rest.Config{}, ctrl.Options{
		Scheme:                 server.ResourceScheme,
		Logger:                 logf.FromContext(ctx),
		Metrics:                ctrlmetrics.Options{BindAddress: "0"},
		HealthProbeBindAddress: fmt.Sprintf("%s:%d", host, c.HealthzPort),
		WebhookServer: crwebhook.NewServer(crwebhook.Options{
			Host: host,
			Port: server.ListenAddr,
			TLSOpts: []func(*tls.Config){
				func(cfg *tls.Config) { cfg.GetCertificate = server.CertificateSource.GetCertificate },
			},
		}),
	})
	if err != nil {
		return err
	}
	if err := manager.Add(server.CertificateSource); err != nil {
		return err
	}
	if err := manager.AddReadyzCheck("certificate", func(*http.Request) error {
		if !server.CertificateSource.Healthy() {
			return errors.New("no serving certificate yet")
		}
		return nil
	}); err != nil {
		return err
	}
	handlers := manager.GetWebhookServer()
	handlers.Register("/mutate", admission.NewCustomMutationWebhook(server.MutationWebhook))
	handlers.Register("/validate", admission.NewCustomValidationWebhook(manager.GetScheme(), server.ValidationWebhook))
	return manager.Start(ctx)
}

// webhookConfiguration reads the flags, and the file that --config names below them. --bind-address is ours.
func webhookConfiguration(args []string) (*webhook.WebhookConfiguration, string, error) {
	c, err := options.NewWebhookConfiguration()
	if err != nil {
		return nil, "", err
	}
	flags, fs := options.NewWebhookFlags(), pflag.NewFlagSet("webhook", pflag.ContinueOnError)
	host := fs.String("bind-address", "127.0.0.1", "the one address to listen at")
	flags.AddFlags(fs)
	options.AddConfigFlags(fs, c)
	if err := fs.Parse(args); err != nil || flags.Config == "" {
		return c, *host, err
	}
	path, err := filepath.Abs(flags.Config)
	if err != nil {
		return nil, "", err
	}
	loader, err := utilconfigfile.NewConfigurationFSLoader(nil, path)
	if err != nil {
		return nil, "", err
	}
	loaded := configfile.New()
	if err := loader.Load(loaded); err != nil {
		return nil, "", err
	}
	loaded.Config.DeepCopyInto(c)
	return c, *host, fs.Parse(args)
}
