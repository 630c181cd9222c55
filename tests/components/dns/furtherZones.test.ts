/**
 * Proves what a Sovereign plans for zones beside its own: zone, records, a delegation that somebody else writes, a certificate and
 * listeners for each, in either bootstrap mode; and that the outputs tell their owners what to enter. It does not prove that they are
 * served (tests/e2e/certificates.test.ts).
 */
import assert from "node:assert/strict";
import { Sovereign } from "../../../components/sovereign.ts";
import { loadConfig } from "../../../config.ts";
import { childOf, isSecretValue, plainInputs, plan, valueOf } from "../../support/plan.ts";
import type { Child } from "../../support/plan.ts";
import { sovereignOutputs } from "../../support/sovereignOutputs.ts";
import { MINIMAL, stackConfig } from "../../support/stackFixtures.ts";
import type { StackValues } from "../../support/stackFixtures.ts";

const ZONES: StackValues = {
    ...MINIMAL,
    gatewayApiChart: "./charts/gateway-api",
    furtherZones: ["omani.homes", "omani.shop"],
};
const ISSUED = { certificateIssuer: "production" };
const NAME = "sovereign-zone-omani-homes";
const SECRET = "sovereign-platform-certificate-zone-omani-homes-tls";

async function planned(values: StackValues = {}) {
    return plan(() => new Sovereign("sovereign", loadConfig()), {
        outputs: sovereignOutputs(),
        ...stackConfig({ ...ZONES, ...values }),
    });
}

interface Listener {
    readonly name: string;
    readonly hostname?: string;
    readonly tls?: { readonly certificateRefs: readonly { readonly name: string }[] };
}

function listenersOf(children: readonly Child[]): (readonly (string | undefined)[])[] {
    const { spec } = plainInputs(childOf(children, "sovereign-gateway-gateway"));
    return (spec as { listeners: readonly Listener[] }).listeners.map(({ name, hostname, tls }) => [
        name,
        hostname,
        tls?.certificateRefs[0]?.name,
    ]);
}

describe("further zones", () => {
    let children: readonly Child[];

    before(async () => {
        ({ children } = await planned(ISSUED));
    });

    it("are signed, marked and protected as the Sovereign's own", () => {
        const own = plainInputs(childOf(children, "sovereign-dns-zone"));
        const zone = childOf(children, `${NAME}-zone`);
        assert.deepEqual(plainInputs(zone), { ...own, name: "omani.homes" });
        assert.equal(zone.options.protect, true);
        assert.equal(zone.options.provider, "sovereign-provider");
    });

    it("follow a roll-over of keys, whose DS each owner enters", async () => {
        const rolled = await planned({ dnssecKeys: ["1", "2026-11"] });
        assert.deepEqual(plainInputs(childOf(rolled.children, `${NAME}-zone`)).signingKeys, [
            "1",
            "2026-11",
        ]);
    });

    it("hold their records, all before a delegation that nobody writes or waits for", () => {
        const records = children.filter(
            ({ type, parentName }) => type === "sovereign:dns:RecordSet" && parentName === NAME,
        );
        assert.deepEqual(records.map(({ name }) => name.slice(NAME.length + 1)).sort(), [
            "_dmarc-txt",
            "apex-a",
            "apex-aaaa",
            "apex-caa",
            "apex-mx",
            "apex-txt",
            "wildcard-a",
            "wildcard-aaaa",
            "wildcard-mx",
            "wildcard-txt",
        ]);
        for (const { dependencies, name } of records)
            assert.ok(dependencies.includes(`${NAME}-zone`), name);
        const delegation = childOf(children, `${NAME}-delegation`);
        for (const { name } of records) assert.ok(delegation.dependencies.includes(name), name);
        const { domain, via, parent, wait } = plainInputs(delegation);
        assert.deepEqual(
            [domain, via, parent, wait],
            ["omani.homes", "external", undefined, false],
        );
    });

    it("are waited for where the stack says so in words", async () => {
        for (const [waitForDelegation, wait] of [
            ["yes", true],
            ["no", false],
        ] as const) {
            const { children: all } = await planned({ waitForDelegation });
            assert.equal(plainInputs(childOf(all, `${NAME}-delegation`)).wait, wait);
        }
    });

    it("have a Secret with a certificate of our own authority first, which cert-manager fills later", async () => {
        const own = childOf(children, "sovereign-platform-certificate-secret");
        const secret = childOf(children, SECRET);
        const { metadata, type } = plainInputs(secret);
        const { name, namespace } = metadata as Record<string, unknown>;
        assert.deepEqual(
            [name, namespace, type],
            ["zone-omani-homes-tls", "catalyst-system", "kubernetes.io/tls"],
        );
        assert.ok(isSecretValue(secret.inputs.stringData ?? secret.inputs.data));
        const { provider, deletedWith, ignoreChanges } = own.options;
        assert.ok(ignoreChanges.length > 0);
        assert.deepEqual(
            [secret.options.provider, secret.options.deletedWith, secret.options.ignoreChanges],
            [provider, deletedWith, ignoreChanges],
        );
        const request = childOf(children, "sovereign-certificate-zone-omani-homes-request");
        assert.deepEqual(request.inputs.dnsNames, ["omani.homes", "*.omani.homes"]);
        const asked = childOf(children, "sovereign-certificates-public-zone-omani-homes");
        assert.ok(asked.dependencies.includes(SECRET));
        const { children: unissued } = await planned();
        assert.ok(unissued.some(({ name: made }) => made === SECRET));
        assert.ok(!unissued.some(({ name: made }) => made.includes("_acme-challenge")));
    });

    it("are proven at names of their own in the challenge zone", () => {
        const targets = children
            .filter(
                ({ name, inputs }) => name.includes("_acme-challenge") && inputs.type === "CNAME",
            )
            .flatMap((child) => plainInputs(child).records as string[]);
        assert.equal(new Set(targets).size, targets.length);
        assert.deepEqual(
            targets.filter((target) => target.includes(".omani.")),
            ["homes", "shop"].map(
                (tld) => `_acme-challenge.omani.${tld}.acme.omantel.example.org.`,
            ),
        );
    });

    for (const [mode, flux] of [
        ["pulumi", {}],
        [
            "flux",
            {
                bootstrap: "flux",
                fluxChartVersion: "1.1.2",
                imageRegistryUsername: "robot",
                imageRegistryToken: "registry-token",
            },
        ],
    ] as const)
        it(`have listeners with bootstrap: ${mode}, which may read their certificates, and no others`, async () => {
            const all = (await planned({ ...ISSUED, ...flux })).children;
            assert.deepEqual(listenersOf(all), [
                ["http", undefined, undefined],
                ...[
                    ["omantel.example.org", "sovereign-ingress-tls"],
                    ["omani.homes", "zone-omani-homes-tls"],
                    ["omani.shop", "zone-omani-shop-tls"],
                ].flatMap(([zone = "", secret]) => {
                    const name = `https-${zone.replaceAll(".", "-")}`;
                    return [
                        [name, `*.${zone}`, secret],
                        [`${name}-apex`, zone, secret],
                    ];
                }),
            ]);
            const gateway = childOf(all, "sovereign-gateway-gateway");
            assert.ok(gateway.dependencies.includes(SECRET));
            const grant = plainInputs(childOf(all, "sovereign-gateway-grant-zone-omani-homes-tls"));
            assert.equal((grant.metadata as { namespace: string }).namespace, "catalyst-system");
            assert.deepEqual((grant.spec as { to: unknown }).to, [
                { group: "", kind: "Secret", name: "zone-omani-homes-tls" },
            ]);
        });

    it("are outputs with what their owners have to enter", async () => {
        const { result } = await planned();
        const { furtherZones, nameServers } = result.outputs.dns;
        assert.equal(furtherZones.length, 2);
        for (const [i, given] of furtherZones.entries()) {
            assert.equal(await valueOf(given.zone), ["omani.homes", "omani.shop"][i]);
            assert.deepEqual(given.nameServers, nameServers);
            assert.deepEqual(await valueOf(given.dsRecords), ["12345 13 2 0123abcd"]);
        }
    });
});
