/**
 * Proves that the release of each chart whose digest is configured waits for its pin, that the login goes to the pin of a chart at imageRegistry
 * and to no other, and that nothing is pinned where no digest is configured. What a pin refuses is the provider's (chartPin.test.ts).
 */
import assert from "node:assert/strict";
import { loadConfig } from "../../../config.ts";
import { Sovereign } from "../../../components/sovereign.ts";
import { childOf, isSecretValue, plainInputs, plan } from "../../support/plan.ts";
import type { Child } from "../../support/plan.ts";
import { sovereignOutputs } from "../../support/sovereignOutputs.ts";
import { MINIMAL, stackConfig } from "../../support/stackFixtures.ts";
import type { StackValues } from "../../support/stackFixtures.ts";

const VALUES: StackValues = {
    ...MINIMAL,
    bootstrap: "flux",
    fluxChartVersion: "1.1.2",
    gatewayApiChart: "oci://ghcr.io.example/charts/gateway-api",
    gatewayApiChartVersion: "1.4.0",
    certificateIssuer: "staging",
    imageRegistryUsername: "robot",
    imageRegistryToken: "registry-token",
};
const digest = (hex: string) => `sha256:${hex.repeat(64)}`;

async function planned(values: StackValues): Promise<readonly Child[]> {
    const { children } = await plan(() => new Sovereign("sovereign", loadConfig()), {
        outputs: sovereignOutputs(),
        ...stackConfig(values),
    });
    return children;
}

const pins = (children: readonly Child[]) =>
    children.filter(({ type }) => type === "sovereign:charts:ChartPin");

describe("charts with a digest", () => {
    let children: readonly Child[];

    before(async () => {
        children = await planned({
            ...VALUES,
            platformChartVersion: `1.4.20@${digest("a")}`,
            gatewayApiChartVersion: `1.4.0@${digest("b")}`,
            fluxChartVersion: `1.1.2@${digest("c")}`,
            certManagerChartVersion: `v1.19.1@${digest("d")}`,
        });
    });

    const cases = [
        ["platform", "sovereign-platform-release", "platformChartVersion", "1.4.20", "a", true],
        ["gateway", "sovereign-gateway-definitions", "gatewayApiChartVersion", "1.4.0", "b", false],
        ["gitops", "sovereign-flux-release", "fluxChartVersion", "1.1.2", "c", true],
        [
            "certificates",
            "sovereign-certificates-cert-manager-release",
            "certManagerChartVersion",
            "v1.19.1",
            "d",
            false,
        ],
    ] as const;
    for (const [of, release, configKey, version, hex, hasLogin] of cases)
        it(`are compared before ${release}`, () => {
            const pin = childOf(children, `sovereign-chart-${of}`);
            const { chart, dependencies } = {
                chart: childOf(children, release).inputs.chart,
                dependencies: childOf(children, release).dependencies,
            };
            assert.ok(dependencies.includes(`sovereign-chart-${of}`), dependencies.join(", "));
            assert.equal(childOf(children, release).inputs.version, version);
            assert.deepEqual(plainInputs(pin), {
                chart,
                version,
                digest: digest(hex),
                configKey,
                ...(hasLogin && { username: "robot", token: "registry-token" }),
            });
            assert.equal(isSecretValue(pin.inputs.token), hasLogin);
            assert.deepEqual(pin.dependencies, []);
        });

    it("are no charts without one", async () => {
        assert.equal(pins(children).length, cases.length);
        assert.deepEqual(pins(await planned(VALUES)), []);
    });
});
