package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	config "github.com/cert-manager/cert-manager/internal/apis/config/controller"
	ctrlscheme "github.com/cert-manager/cert-manager/internal/apis/config/controller/scheme"
	"github.com/cert-manager/cert-manager/internal/apis/config/controller/v1alpha1"
	ctrlvalidation "github.com/cert-manager/cert-manager/internal/apis/config/controller/validation"
	configv1 "github.com/cert-manager/cert-manager/pkg/apis/config/controller/v1alpha1"
	"github.com/cert-manager/cert-manager/pkg/controller"
	"github.com/cert-manager/cert-manager/pkg/controller/configfile"
	"github.com/cert-manager/cert-manager/pkg/healthz"
	dnsutil "github.com/cert-manager/cert-manager/pkg/issuer/acme/dns/util"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	utilconfigfile "github.com/cert-manager/cert-manager/pkg/util/configfile"
	utilfeature "github.com/cert-manager/cert-manager/pkg/util/feature"
	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/sets"
	cliflag "k8s.io/component-base/cli/flag"

	// These register controllers and kinds of issuers.
	_ "github.com/cert-manager/cert-manager/pkg/controller/acmechallenges"
	_ "github.com/cert-manager/cert-manager/pkg/controller/acmeorders"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificate-shim/ingresses"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	_ "github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	_ "github.com/cert-manager/cert-manager/pkg/controller/issuers"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/acme"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
)

func runController(ctx context.Context, args []string) error {
	c, err := controllerConfiguration(args)
	if err != nil {
		return err
	}
	if err := utilfeature.DefaultMutableFeatureGate.SetFromMap(c.FeatureGates); err != nil {
		return err
	}
	if errs := ctrlvalidation.ValidateControllerConfiguration(c, nil); len(errs) > 0 {
		return errs.ToAggregate()
	}
	if err := logf.ValidateAndApply(&c.Logging); err != nil {
		return err
	}
	if c.LeaderElectionConfig.Enabled {
		return errLeaderElection
	}
	factory, err := controller.NewContextFactory(ctx, contextOptions(c))
	if err != nil {
		return err
	}
	base, err := factory.Build()
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	if err := serveMetrics(ctx, group, base, c.MetricsListenAddress); err != nil {
		return err
	}
	health, err := net.Listen("tcp", c.HealthzListenAddress)
	if err != nil {
		return err
	}
	group.Go(func() error { return healthz.NewServer(c.LeaderElectionConfig.HealthzTimeout).Start(ctx, health) })
	enabled := enabledControllers(c.Controllers)
	for name, constructor := range controller.Known() {
		if !enabled.Has(name) {
			continue
		}
		run, err := constructor(factory)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		group.Go(func() error { return run.Run(c.NumberOfConcurrentWorkers, ctx) })
	}
	base.SharedInformerFactory.Start(ctx.Done())
	base.KubeSharedInformerFactory.Start(ctx.Done())
	base.HTTP01ResourceMetadataInformersFactory.Start(ctx.Done())
	return group.Wait()
}

// controllerConfiguration reads the flags: defaults first, then the file that --config names, then the flags again.
func controllerConfiguration(args []string) (*config.ControllerConfiguration, error) {
	scheme, _, err := ctrlscheme.NewSchemeAndCodecs()
	if err != nil {
		return nil, err
	}
	versioned, c := &configv1.ControllerConfiguration{}, &config.ControllerConfiguration{}
	scheme.Default(versioned)
	if err := scheme.Convert(versioned, c, nil); err != nil {
		return nil, err
	}
	flags, file := controllerFlags(c)
	if err := flags.Parse(args); err != nil || *file == "" {
		return c, err
	}
	path, err := filepath.Abs(*file)
	if err != nil {
		return nil, err
	}
	loader, err := utilconfigfile.NewConfigurationFSLoader(nil, path)
	if err != nil {
		return nil, err
	}
	loaded := configfile.New()
	if err := loader.Load(loaded); err != nil {
		return nil, err
	}
	loaded.Config.DeepCopyInto(c)
	return c, flags.Parse(args)
}

func controllerFlags(c *config.ControllerConfiguration) (*pflag.FlagSet, *string) {
	fs := pflag.NewFlagSet("controller", pflag.ContinueOnError)
	file := fs.String("config", "", "a ControllerConfiguration file")
	fs.StringVar(&c.KubeConfig, "kubeconfig", c.KubeConfig, "")
	fs.StringVar(&c.ClusterResourceNamespace, "cluster-resource-namespace", c.ClusterResourceNamespace, "")
	fs.StringVar(&c.Namespace, "namespace", c.Namespace, "")
	fs.BoolVar(&c.LeaderElectionConfig.Enabled, "leader-elect", c.LeaderElectionConfig.Enabled, "must be false")
	fs.StringVar(&c.LeaderElectionConfig.Namespace, "leader-election-namespace", c.LeaderElectionConfig.Namespace, "unused")
	fs.StringSliceVar(&c.Controllers, "controllers", c.Controllers, "")
	fs.StringVar(&c.ACMEHTTP01Config.SolverImage, "acme-http01-solver-image", c.ACMEHTTP01Config.SolverImage, "")
	fs.StringSliceVar(&c.ACMEHTTP01Config.SolverNameservers, "acme-http01-solver-nameservers", c.ACMEHTTP01Config.SolverNameservers, "")
	fs.StringSliceVar(&c.ACMEDNS01Config.RecursiveNameservers, "dns01-recursive-nameservers", c.ACMEDNS01Config.RecursiveNameservers, "")
	fs.BoolVar(&c.ACMEDNS01Config.RecursiveNameserversOnly, "dns01-recursive-nameservers-only", c.ACMEDNS01Config.RecursiveNameserversOnly, "")
	fs.DurationVar(&c.ACMEDNS01Config.CheckRetryPeriod, "dns01-check-retry-period", c.ACMEDNS01Config.CheckRetryPeriod, "")
	fs.BoolVar(&c.EnableCertificateOwnerRef, "enable-certificate-owner-ref", c.EnableCertificateOwnerRef, "")
	fs.Var(cliflag.NewMapStringBool(&c.FeatureGates), "feature-gates", "")
	fs.IntVar(&c.MaxConcurrentChallenges, "max-concurrent-challenges", c.MaxConcurrentChallenges, "")
	fs.StringVar(&c.MetricsListenAddress, "metrics-listen-address", c.MetricsListenAddress, "")
	fs.StringVar(&c.HealthzListenAddress, "internal-healthz-listen-address", c.HealthzListenAddress, "")
	logf.AddFlags(&c.Logging, fs)
	return fs, file
}

func contextOptions(c *config.ControllerConfiguration) controller.ContextOptions {
	http01, dns01, shim := c.ACMEHTTP01Config, c.ACMEDNS01Config, c.IngressShimConfig
	nameservers := dns01.RecursiveNameservers
	if len(nameservers) == 0 {
		nameservers = dnsutil.RecursiveNameservers
	}
	return controller.ContextOptions{
		Kubeconfig:         c.KubeConfig,
		APIServerHost:      c.APIServerHost,
		Namespace:          c.Namespace,
		KubernetesAPIQPS:   c.KubernetesAPIQPS,
		KubernetesAPIBurst: c.KubernetesAPIBurst,
		ACMEOptions: controller.ACMEOptions{
			HTTP01SolverImage:                 http01.SolverImage,
			HTTP01SolverResourceRequestCPU:    resource.MustParse(http01.SolverResourceRequestCPU),
			HTTP01SolverResourceRequestMemory: resource.MustParse(http01.SolverResourceRequestMemory),
			HTTP01SolverResourceLimitsCPU:     resource.MustParse(http01.SolverResourceLimitsCPU),
			HTTP01SolverResourceLimitsMemory:  resource.MustParse(http01.SolverResourceLimitsMemory),
			ACMEHTTP01SolverRunAsNonRoot:      http01.SolverRunAsNonRoot,
			HTTP01SolverNameservers:           http01.SolverNameservers,
			DNS01Nameservers:                  nameservers,
			DNS01CheckAuthoritative:           !dns01.RecursiveNameserversOnly,
			DNS01CheckRetryPeriod:             dns01.CheckRetryPeriod,
		},
		SchedulerOptions: controller.SchedulerOptions{MaxConcurrentChallenges: c.MaxConcurrentChallenges},
		IssuerOptions: controller.IssuerOptions{
			ClusterIssuerAmbientCredentials: c.ClusterIssuerAmbientCredentials,
			IssuerAmbientCredentials:        c.IssuerAmbientCredentials,
			ClusterResourceNamespace:        c.ClusterResourceNamespace,
		},
		IngressShimOptions: controller.IngressShimOptions{
			DefaultIssuerName:                 shim.DefaultIssuerName,
			DefaultIssuerKind:                 shim.DefaultIssuerKind,
			DefaultIssuerGroup:                shim.DefaultIssuerGroup,
			DefaultAutoCertificateAnnotations: shim.DefaultAutoCertificateAnnotations,
			ExtraCertificateAnnotations:       shim.ExtraCertificateAnnotations,
		},
		CertificateOptions: controller.CertificateOptions{
			EnableOwnerRef:           c.EnableCertificateOwnerRef,
			CopiedAnnotationPrefixes: c.CopiedAnnotationPrefixes,
		},
	}
}

// serveMetrics serves /metrics at the address; "0" is none.
func serveMetrics(ctx context.Context, group *errgroup.Group, base *controller.Context, address string) error {
	if address == "0" {
		return nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	base.Metrics.SetupACMECollector(base.SharedInformerFactory.Acme().V1().Challenges().Lister())
	base.Metrics.SetupCertificateCollector(base.SharedInformerFactory.Certmanager().V1().Certificates().Lister())
	server := base.Metrics.NewServer(listener)
	group.Go(func() error {
		if err := server.Serve(listener); err != http.ErrServerClosed {
			return err
		}
		return nil
	})
	group.Go(func() error { <-ctx.Done(); return server.Close() })
	return nil
}

// enabledControllers follows upstream's rule: "*" stands for those that are on by default, "-x" takes x away.
func enabledControllers(names []string) sets.Set[string] {
	on, off := sets.New[string](), []string{}
	for _, name := range names {
		switch {
		case name == "*":
			on.Insert(v1alpha1.DefaultEnabledControllers...)
		case strings.HasPrefix(name, "-"):
			off = append(off, name[1:])
		default:
			on.Insert(name)
		}
	}
	if len(on) == 0 && len(off) > 0 {
		on.Insert(v1alpha1.DefaultEnabledControllers...)
	}
	for _, name := range on.Delete(off...).UnsortedList() {
		if controller.Known()[name] == nil {
			fmt.Fprintf(os.Stderr, "controller %s is not built in\n", name)
		}
	}
	return on
}
