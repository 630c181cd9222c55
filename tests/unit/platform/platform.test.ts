/**
 * Proves the platform's records, chart values and Secrets as pure data. It does not prove that the chart takes them; the tests of the
 * charts do.
 */
import assert from "node:assert/strict";
import { platformHosts, platformRecords } from "../../../components/platform/platformRecords.ts";
import { platformValues } from "../../../components/platform/platformValues.ts";
import { dockerConfigJson } from "../../../components/platform/pullSecret.ts";
import { smtpSecretData } from "../../../components/platform/smtpSecret.ts";

const NAMES = ["", "*.", "console.", "api.", "gitea.", "harbor."].map((p) => `${p}omantel.example`);

describe("platformRecords", () => {
    it("leads apex, wildcard and every named host to the load balancer", () => {
        const records = platformRecords({
            fqdn: "omantel.example",
            ttl: 300,
            loadBalancerIpv4: "198.51.100.1",
            loadBalancerIpv6: "2001:db8::1",
        });
        assert.deepEqual(
            records,
            NAMES.flatMap((name) => [
                { name, type: "A", ttl: 300, records: ["198.51.100.1"] },
                { name, type: "AAAA", ttl: 300, records: ["2001:db8::1"] },
            ]),
        );
    });

    it("has no AAAA without IPv6", () => {
        const records = platformRecords({
            fqdn: "omantel.example",
            ttl: 300,
            loadBalancerIpv4: "198.51.100.1",
        });
        assert.deepEqual(
            records.map((r) => `${r.name} ${r.type}`),
            NAMES.map((name) => `${name} A`),
        );
    });

    it("names the hosts that need null records: all but the apex, which has mail", () => {
        assert.deepEqual(platformHosts("omantel.example"), NAMES.slice(1));
    });
});

describe("platformValues", () => {
    const smtp = { host: "mail.omantel.example", port: "587", from: "noreply@omantel.example" };
    const spec = {
        fqdn: "omantel.example",
        values: {},
        smtp,
        smtpDigest: "d".repeat(64),
        wayIn: { kind: "ingress", tlsSecret: "tls" },
    } as const;

    it("tells the chart its name, its mail and its certificate", () => {
        assert.deepEqual(platformValues(spec), {
            global: { sovereignFQDN: "omantel.example" },
            sovereign: { smtp: { ...smtp, digest: "d".repeat(64) } },
            images: { pullSecret: "" },
            ingress: {
                tlsSecret: "tls",
                hosts: {
                    console: { host: "console.omantel.example" },
                    api: { host: "api.omantel.example" },
                },
            },
            gateway: { parentRef: { sectionName: "" } },
        });
    });

    it("lets plain requests through where names are proven by HTTP", () => {
        const { ingress } = platformValues({
            ...spec,
            wayIn: { kind: "ingress", tlsSecret: "tls", forceHttps: false },
        });
        assert.equal((ingress as { forceHttps?: boolean }).forceHttps, false);
    });

    it("turns to routes of a Gateway, without naming a listener, where there is one", () => {
        const wayIn = { kind: "gateway", name: "edge", namespace: "kube-system" } as const;
        const { ingress, gateway } = platformValues({ ...spec, wayIn });
        assert.equal((ingress as { enabled: boolean }).enabled, false);
        assert.deepEqual(gateway, {
            enabled: true,
            parentRef: { name: "edge", namespace: "kube-system", sectionName: "" },
        });
    });

    it("keeps the stack's own values beside its own, and wins over them", () => {
        const values = platformValues({
            ...spec,
            pullSecret: "pull",
            values: {
                replicas: [1, 2],
                images: { api: { tag: "abc" }, pullSecret: "other" },
                global: { sovereignFQDN: "elsewhere.example", extra: true },
                ingress: "none",
            },
        });
        assert.deepEqual(values.replicas, [1, 2]);
        assert.deepEqual(values.images, { api: { tag: "abc" }, pullSecret: "pull" });
        assert.deepEqual(values.global, { sovereignFQDN: "omantel.example", extra: true });
        assert.equal((values.ingress as { tlsSecret: string }).tlsSecret, "tls");
    });

    it("passes the port as text, which the chart's templates encode", () => {
        assert.equal(
            typeof (platformValues(spec).sovereign as { smtp: { port: unknown } }).smtp.port,
            "string",
        );
    });
});

describe("smtpSecretData", () => {
    it("carries both key shapes with the same bytes", () => {
        assert.deepEqual(
            smtpSecretData({
                host: "mail.omantel.example",
                port: "587",
                from: "noreply@omantel.example",
                user: "noreply@omantel.example",
                password: "p",
            }),
            {
                "smtp-host": "mail.omantel.example",
                "smtp-port": "587",
                "smtp-from": "noreply@omantel.example",
                "smtp-user": "noreply@omantel.example",
                "smtp-pass": "p",
                user: "noreply@omantel.example",
                password: "p",
            },
        );
    });
});

describe("dockerConfigJson", () => {
    it("is what kubelet reads", () => {
        assert.deepEqual(JSON.parse(dockerConfigJson("ghcr.io", "robot", "to:ken")), {
            auths: {
                "ghcr.io": {
                    username: "robot",
                    password: "to:ken",
                    auth: Buffer.from("robot:to:ken").toString("base64"),
                },
            },
        });
    });
});
