// Proves that the signature of OVHcloud's API is made of its parts in their order, by a digest that was computed elsewhere.
// Does not prove that the live service accepts it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { ovhSignature } from "../../../provider/dns/registrars/ovhSignature.ts";

describe("the signature of OVHcloud's API", () => {
    it("is $1$ and the SHA-1 of secret, consumer key, method, URL, body and time", () => {
        const text =
            'secret+consumer+PUT+https://eu.api.ovh.com/1.0/domain/x.test+{"nameServerType":"external"}+1366560945';
        const expected = execFileSync("sha1sum", { input: text }).toString().slice(0, 40);
        assert.equal(
            ovhSignature(
                { applicationSecret: "secret", consumerKey: "consumer" },
                {
                    method: "PUT",
                    url: "https://eu.api.ovh.com/1.0/domain/x.test",
                    body: '{"nameServerType":"external"}',
                    timestamp: 1366560945,
                },
            ),
            `$1$${expected}`,
        );
    });
});
