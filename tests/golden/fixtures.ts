import { devStackValues, MINIMAL } from "../support/stackFixtures.ts";
import type { StackValues } from "../support/stackFixtures.ts";

/** A stack whose whole plan is on record in `expected/<name>.json`. */
export interface Fixture {
    readonly name: string;
    readonly values: StackValues;
}

const secretOf = (key: string): string =>
    key === "hcloud:token" ? "t".repeat(64) : `${key}-of-a-test`;

/** One fixture per way in which plans differ. */
export const FIXTURES: readonly Fixture[] = [
    { name: "dev", values: devStackValues(secretOf) },
    { name: "minimal", values: MINIMAL },
    {
        name: "ha",
        values: {
            ...MINIMAL,
            controlPlaneCount: 3,
            workerCount: 2,
            generations: { cp2: 2, w1: 3 },
            mailEgress: "pinned",
            mailPinnedNode: "w2",
            mailIpv6: true,
            publicSubmission: true,
            loadBalancerType: "lb21",
            apiExposure: "nodes",
            apiAllowedCidrs: ["198.51.100.0/24"],
            dkim: [
                { selector: "r1", algorithm: "rsa2048", state: "retiring" },
                { selector: "r2", algorithm: "rsa2048", state: "active" },
                { selector: "e1", algorithm: "ed25519", state: "active" },
                { selector: "r0", algorithm: "rsa2048", state: "revoked" },
            ],
        },
    },
    {
        name: "pool-powerdns",
        values: {
            ...MINIMAL,
            fqdn: "omantel.pool.example",
            domainMode: "pool",
            poolDomain: "pool.example",
            dmarcReportAddress: "reports@pool.example",
            certificateIssuer: "production",
            acmeChallenge: "http-01",
            imageRegistryUsername: "robot",
            imageRegistryToken: secretOf("imageRegistryToken"),
        },
    },
    {
        name: "smart-host",
        values: {
            ...MINIMAL,
            ipv6: false,
            dnssec: false,
            mtaSts: "none",
            caaIssuers: [],
            dmarcReportAddress: "reports@elsewhere.example",
            mailEgress: "smart-host",
            smartHost: {
                host: "smtp.relay.example",
                port: 587,
                username: "omantel",
                spf: "include:spf.relay.example",
            },
            smartHostPassword: secretOf("smartHostPassword"),
        },
    },
    {
        name: "further-zones",
        values: {
            ...MINIMAL,
            certificateIssuer: "production",
            gatewayApiChart: "oci://registry.example/charts/gateway-api",
            gatewayApiChartVersion: "1.4.0",
            furtherZones: ["omani.homes", "omani.shop"],
        },
    },
];
