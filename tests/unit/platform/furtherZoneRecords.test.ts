/**
 * Proves what a further zone publishes: where its hosts are, that none of them mails, and who may issue certificates. Does not prove that it
 * is served: the end-to-end tests ask.
 */
import assert from "node:assert/strict";
import { furtherZoneRecords } from "../../../components/platform/furtherZoneRecords.ts";
import type { CertificatesConfig } from "../../../config/model.ts";

const CERTIFICATES: CertificatesConfig = {
    issuer: "production",
    challenge: "dns-01",
    dnsUpdateServer: "192.0.2.1:53",
    chart: "./cert-manager",
    chartVersion: "v1.19.1",
    values: {},
};

const SPEC = {
    zone: "omani.homes",
    ttl: 300,
    loadBalancerIpv4: "198.51.100.1",
    loadBalancerIpv6: "2001:db8::1",
    caaIssuers: ["letsencrypt.org"],
    certificates: CERTIFICATES,
};

describe("furtherZoneRecords", () => {
    it("has apex and wildcard at the load balancer, refuses mail everywhere, and names the authority", () => {
        const dmarc = "v=DMARC1; p=reject; sp=reject; np=reject; adkim=s; aspf=s";
        assert.deepEqual(
            furtherZoneRecords(SPEC).map(({ name, type, records }) => [name, type, ...records]),
            [
                ["omani.homes", "A", "198.51.100.1"],
                ["omani.homes", "AAAA", "2001:db8::1"],
                ["omani.homes", "MX", "0 ."],
                ["omani.homes", "TXT", "v=spf1 -all"],
                ["*.omani.homes", "A", "198.51.100.1"],
                ["*.omani.homes", "AAAA", "2001:db8::1"],
                ["*.omani.homes", "MX", "0 ."],
                ["*.omani.homes", "TXT", "v=spf1 -all"],
                ["_dmarc.omani.homes", "TXT", dmarc],
                ["omani.homes", "CAA", '0 issue "letsencrypt.org; validationmethods=dns-01"'],
            ],
        );
    });
});
