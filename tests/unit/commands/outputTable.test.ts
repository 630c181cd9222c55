/**
 * Proves: outputs are shown by dotted names, short enough for a terminal, and lines to paste fit the lab they are for. Does not
 * prove: that the pasted lines work; the end-to-end tests use the same addresses.
 */
import assert from "node:assert/strict";
import { labAddresses } from "../../../lab/addresses.ts";
import { nextSteps } from "../../../lab/commands/nextSteps.ts";
import { outputRows } from "../../../lab/commands/outputTable.ts";

describe("the table of outputs", () => {
    it("names nested outputs by their path", () => {
        assert.deepEqual(
            outputRows({
                schemaVersion: 1,
                cloud: { ipv4: "127.64.1.1", ids: { cp1: "7" } },
                none: null,
            }),
            [
                ["schemaVersion", "1"],
                ["cloud.ipv4", "127.64.1.1"],
                ["cloud.ids.cp1", "7"],
                ["none", "null"],
            ],
        );
    });

    it("joins lists of values and counts lists of objects", () => {
        assert.deepEqual(
            outputRows({ ips: ["a", "b"], empty: [], records: [{ name: "x" }, {}], dkim: [{}] }),
            [
                ["ips", "a, b"],
                ["empty", ""],
                ["records", "2 entries"],
                ["dkim", "1 entry"],
            ],
        );
    });

    it("cuts what is long or has several lines, and leaves secrets hidden", () => {
        const rows = outputRows({
            pem: "-----BEGIN\nabc\n",
            long: "x".repeat(73),
            key: "[secret]",
            fits: "y".repeat(72),
        });
        assert.deepEqual(rows, [
            ["pem", "-----BEGIN…"],
            ["long", `${"x".repeat(71)}…`],
            ["key", "[secret]"],
            ["fits", "y".repeat(72)],
        ]);
    });
});

describe("the lines to paste", () => {
    const standing = {
        fqdn: "omantel.example",
        loadBalancerIpv4: "127.64.1.9",
        kubectl: "/cache/kubectl",
        dig: "dig",
        kubeconfig: "/clone/.lab/0/kubeconfig",
    };
    const lines = (instance: number, offset: number) =>
        nextSteps({ ...standing, addresses: labAddresses(instance, offset) }).map(
            ({ line }) => line,
        );

    it("are plain in lab 0 with the right to low ports", () => {
        assert.deepEqual(lines(0, 0), [
            "/cache/kubectl --kubeconfig /clone/.lab/0/kubeconfig get nodes,pods -A",
            "dig @127.64.0.2 +dnssec omantel.example MX",
            "curl -ki --noproxy '*' --resolve console.omantel.example:443:127.64.1.9 https://console.omantel.example/",
            "/cache/kubectl --kubeconfig /clone/.lab/0/kubeconfig get certificates -A",
            "npm run doctor",
            "npm run preview -- --set workerCount=2 --diff",
            "npm run --silent outputs",
            "npm run lab:status",
            "npm run down -- --include-protected",
            "npm run lab:stop",
        ]);
    });

    it("name the lab and the moved ports elsewhere", () => {
        assert.deepEqual(lines(3, 20_000), [
            "/cache/kubectl --kubeconfig /clone/.lab/0/kubeconfig get nodes,pods -A",
            "dig @127.67.0.2 -p 20053 +dnssec omantel.example MX",
            "curl -ki --noproxy '*' --resolve console.omantel.example:20443:127.64.1.9 https://console.omantel.example:20443/",
            "/cache/kubectl --kubeconfig /clone/.lab/0/kubeconfig get certificates -A",
            "npm run doctor -- --lab 3",
            "npm run preview -- --lab 3 --set workerCount=2 --diff",
            "npm run --silent outputs -- --lab 3",
            "npm run lab:status -- --lab 3",
            "npm run down -- --lab 3 --include-protected",
            "npm run lab:stop -- --lab 3",
        ]);
    });
});
