/**
 * Proves that the lab's stack speaks of lab 0: its addresses, its credentials, its release file. It does not prove that the lab
 * answers there; the tests of the lab do.
 */
import assert from "node:assert/strict";
import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseConfig } from "../../../config/sovereignConfig.ts";
import { ACME_AUTHORITY } from "../../../lab/acme/authority.ts";
import { labAddresses } from "../../../lab/addresses.ts";
import { LAB_CREDENTIALS, LAB_PASSPHRASE } from "../../../lab/credentials.ts";
import { k3sDownloadUrl, k3sReleaseSha256 } from "../../../lab/machines/k3sRelease.ts";
import { CERT_MANAGER_VERSION } from "../../../lab/toolchain/versions.ts";
import { devStackValues, rawConfig, ROOT } from "../../support/stackFixtures.ts";

/** Rounds of the key derivation of Pulumi's passphrase secrets (pkg/resource/stack, `v1`). */
const ROUNDS = 1_000_000;

/** Length of the tag at the end of an AES-GCM ciphertext. */
const TAG = 16;

function decrypter(passphrase: string): (key: string, secure: string) => string {
    const file = parse(readFileSync(join(ROOT, "Pulumi.dev.yaml"), "utf8")) as {
        encryptionsalt: string;
    };
    const [, salt = ""] = file.encryptionsalt.split(":");
    const secretKey = pbkdf2Sync(passphrase, Buffer.from(salt, "base64"), ROUNDS, 32, "sha256");
    return (_, secure) => {
        const [, nonce = "", text = ""] = secure.split(":");
        const bytes = Buffer.from(text, "base64");
        const cipher = createDecipheriv("aes-256-gcm", secretKey, Buffer.from(nonce, "base64"));
        cipher.setAuthTag(bytes.subarray(-TAG));
        return cipher.update(bytes.subarray(0, -TAG), undefined, "utf8") + cipher.final("utf8");
    };
}

describe("Pulumi.dev.yaml", () => {
    const values = devStackValues(decrypter(LAB_PASSPHRASE));
    const config = parseConfig(rawConfig(values));
    const lab = labAddresses(0);

    it("carries the lab's credentials, encrypted under its passphrase", () => {
        assert.deepEqual(
            {
                hcloudToken: values["hcloud:token"],
                powerdnsApiKey: values.powerdnsApiKey,
                dynadotApiKey: values.dynadotApiKey,
                dynadotApiSecret: values.dynadotApiSecret,
            },
            LAB_CREDENTIALS,
        );
    });

    it("speaks to the parts of lab 0", () => {
        const at = ({ host, port }: { host: string; port: number }) => `http://${host}:${port}`;
        assert.deepEqual(
            {
                hetzner: config.cloud.hcloudEndpoint,
                powerdns: config.dns.powerdnsUrl,
                dynadot: config.dns.dynadotUrl,
                releases: config.cluster.k3sDownloadUrl,
                chart: config.platform.chart,
                certManagerChart: config.certificates.chart,
                acme: config.certificates.directory,
                resolver: config.dns.resolver,
                nameServers: config.dns.nameServers,
            },
            {
                hetzner: `${at(lab.hetzner)}/v1`,
                powerdns: `${at(lab.powerdnsApi)}/api/v1`,
                dynadot: at(lab.dynadot),
                releases: k3sDownloadUrl(lab),
                chart: `oci://${lab.registry.host}:${lab.registry.port}/charts/catalyst-platform`,
                certManagerChart: `oci://${lab.registry.host}:${lab.registry.port}/charts/cert-manager`,
                acme: `https://${lab.acme.host}:${lab.acme.port}/dir`,
                resolver: `${lab.nameServers[0]}:${lab.dnsPort}`,
                nameServers: [
                    { name: "ns1.omantel.example", ipv4: lab.nameServers[0] },
                    { name: "ns2.omantel.example", ipv4: lab.nameServers[1] },
                ],
            },
        );
    });

    it("trusts the lab's ACME server, whose certificates are those of nobody else", () => {
        assert.equal(config.certificates.caBundle, ACME_AUTHORITY.certificate);
    });

    it("checks k3s by the sum of the lab's release file", () => {
        assert.deepEqual(config.cluster.k3sSha256, {
            amd64: k3sReleaseSha256(config.cluster.k3sVersion, "amd64"),
        });
    });

    it("asks for the version of cert-manager's chart that the toolchain has", () => {
        assert.equal(config.certificates.chartVersion, `v${CERT_MANAGER_VERSION}`);
    });

    it("asks for the chart that the repository has", () => {
        const chart = parse(
            readFileSync(join(ROOT, "charts", "catalyst-platform", "Chart.yaml"), "utf8"),
        ) as { version: string };
        assert.equal(config.platform.chartVersion, chart.version);
    });
});
