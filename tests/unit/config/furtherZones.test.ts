/**
 * Proves that a configuration with further zones, once it is accepted, gives a Gateway that the API server takes: listeners with names of
 * their own, and no more than it may have. Does not prove that Cilium serves them.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { gatewaySpec } from "../../../components/bootstrap/gatewaySpecs.ts";
import { furtherZoneCertificate } from "../../../components/certificates/certificateSpecs.ts";
import { ConfigError } from "../../../config/problem.ts";
import { parseConfig } from "../../../config/sovereignConfig.ts";
import { MINIMAL, rawConfig } from "../../support/stackFixtures.ts";

/** Names of few characters, so that listeners of several are called alike. */
const zone = fc.stringMatching(/^[ab](?:[-.]?[ab]){1,4}[.](?:apex|b)$/);

function accepted(furtherZones: readonly string[]) {
    try {
        return parseConfig(
            rawConfig({ ...MINIMAL, gatewayApiChart: "./charts/gateway-api", furtherZones }),
        );
    } catch (error) {
        assert.ok(error instanceof ConfigError);
        return undefined;
    }
}

describe("further zones", () => {
    it("have listeners with names of their own wherever they are accepted", () => {
        let some = 0;
        fc.assert(
            fc.property(fc.array(zone, { minLength: 1, maxLength: 5 }), (zones) => {
                const config = accepted(zones);
                if (config === undefined) return;
                some++;
                const { listeners } = gatewaySpec(
                    config.fqdn,
                    [config.fqdn, ...(config.gateway?.furtherZones ?? [])].map((name) => ({
                        zone: name,
                        certificate: furtherZoneCertificate(name),
                    })),
                );
                assert.equal(listeners.length, 1 + 2 * (1 + zones.length));
                assert.ok(listeners.length <= 64);
                assert.equal(new Set(listeners.map(({ name }) => name)).size, listeners.length);
                const secrets = listeners.flatMap((l) =>
                    "tls" in l ? l.tls.certificateRefs.map(({ name }) => name) : [],
                );
                assert.equal(new Set(secrets).size, 1 + zones.length);
            }),
            { numRuns: 500 },
        );
        assert.ok(some > 50, `only ${some} were accepted`);
    });
});
