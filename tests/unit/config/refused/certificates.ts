import type { RefusedConfig } from "./refusedConfig.ts";

/** Configurations of public certificates. */
export const certificates: readonly RefusedConfig[] = [
    {
        name: "an authority that CAA does not allow",
        change: { certificateIssuer: "production", caaIssuers: ["pki.goog"] },
        message: [
            '  caaIssuers: found ["pki.goog"]; expected letsencrypt.org among them, since certificateIssuer is production: it issues nothing that CAA does not allow',
            "      pulumi config set --path 'caaIssuers[1]' letsencrypt.org",
            "   or pulumi config set certificateIssuer none",
        ],
    },
    {
        name: "MTA-STS that insists on a certificate of our own authority",
        change: { mtaSts: "enforce" },
        message: [
            '  mtaSts: found "enforce"; expected testing, since certificateIssuer is none and nobody would trust the certificate of mx that senders then insist on (RFC 8461 4.1)',
            "      pulumi config set mtaSts testing",
            "   or pulumi config set certificateIssuer production",
        ],
    },
    {
        name: "MTA-STS that insists on a certificate of a trial",
        change: { certificateIssuer: "staging", mtaSts: "enforce" },
        message: [
            '  mtaSts: found "enforce"; expected testing, since certificateIssuer is staging and nobody would trust the certificate of mx that senders then insist on (RFC 8461 4.1)',
            "      pulumi config set mtaSts testing",
            "   or pulumi config set certificateIssuer production",
        ],
    },
    {
        name: "MTA-STS that insists on a certificate that HTTP cannot prove",
        change: { certificateIssuer: "production", acmeChallenge: "http-01", mtaSts: "enforce" },
        message: [
            '  acmeChallenge: found "http-01"; expected dns-01, since mtaSts is enforce and the mail server\'s names cannot be proven by HTTP',
            "      pulumi config set acmeChallenge dns-01",
            "   or pulumi config set mtaSts testing",
        ],
    },
    {
        name: "an account of nobody",
        change: { acmeAccountUri: "https://acme.example/acct/1" },
        message: [
            '  acmeAccountUri: found "https://acme.example/acct/1"; expected nothing, since certificateIssuer is none',
            "      pulumi config rm acmeAccountUri",
            "   or pulumi config set certificateIssuer production",
        ],
    },
    {
        name: "an ACME directory without TLS, a name server without a port and a chart by a web address",
        change: {
            acmeDirectory: "http://acme.example/directory",
            dnsUpdateServer: "192.0.2.53",
            certManagerChart: "https://charts.jetstack.io/cert-manager",
        },
        message: [
            '  acmeDirectory: found "http://acme.example/directory"; expected the https URL of an ACME directory',
            "      pulumi config set acmeDirectory https://acme.example/directory",
            '  dnsUpdateServer: found "192.0.2.53"; expected host:port or IPv4:port of the name server that takes dynamic updates',
            "      pulumi config set dnsUpdateServer 192.0.2.53:53",
            '  certManagerChart: found "https://charts.jetstack.io/cert-manager"; expected an OCI reference without a tag, or a path beginning with ./ or /',
            "      pulumi config set certManagerChart oci://quay.io/jetstack/charts/cert-manager",
        ],
    },
    {
        name: "sources that are no networks, and a version without its v",
        change: { dnsUpdateSources: ["198.51.100.7/24"], certManagerChartVersion: "1.19.1" },
        message: [
            '  dnsUpdateSources[0]: found "198.51.100.7/24"; expected an IPv4 or IPv6 network, its host bits zero',
            "      pulumi config set --path 'dnsUpdateSources[0]' 198.51.100.0/24",
            '  certManagerChartVersion: found "1.19.1"; expected a version of the chart, for example v1.19.1, or v1.19.1@sha256:<64 hex digits>',
            "      pulumi config set certManagerChartVersion v1.19.1",
        ],
    },
];
