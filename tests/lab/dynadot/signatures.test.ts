// Proves that signatures of the RESTful API equal the published vectors of an independent client (lego), and that DS records
// derived from keys equal the one that RFC 8080 prints. Does not prove that the live service still signs so.
import assert from "node:assert/strict";
import { signerOfKey } from "../../../lab/dynadot/delegationSigners.ts";
import { restSignature, validSignature } from "../../../lab/dynadot/restSignature.ts";

const request = {
    key: "key",
    pathAndQuery: "/restful/v2/domains/example.com/records",
    requestId: "8e5bc897-75c8-4a9c-9362-5671405c7761",
    body: Buffer.from('{"sub_list":[]}'),
};
const unsignedParts = { ...request, requestId: "", body: Buffer.alloc(0) };

describe("restSignature", () => {
    const vectors = [
        {
            what: "a body and a request id",
            secret: "secret",
            request,
            signature: "1v6pCnviEO/dqOIRV2wSc+YRJHt92L+P2xqkyuTVQyk=",
        },
        {
            what: "another secret",
            secret: "other-secret",
            request,
            signature: "ro+dZ59kmfLkWb1CWDsp/rVUeXSScDDr01J7Yg8Bj/E=",
        },
        {
            what: "neither body nor request id",
            secret: "secret",
            request: unsignedParts,
            signature: "bmpyYo9wpBlZBrcjmZOGrHdp1nQcsesmr8fxibvpefA=",
        },
    ];
    for (const vector of vectors)
        it(`signs ${vector.what}`, () => {
            assert.equal(restSignature(vector.secret, vector.request), vector.signature);
            assert.ok(validSignature(vector.secret, vector.request, vector.signature));
        });

    it("covers every byte of the body", () => {
        const signature = restSignature("secret", request);
        const longer = { ...request, body: Buffer.from('{"sub_list":[]}\n') };
        assert.ok(!validSignature("secret", longer, signature));
        assert.notEqual(restSignature("secret", longer), signature);
    });

    it("takes no hexadecimal digest", () => {
        const hex = Buffer.from(restSignature("secret", request), "base64").toString("hex");
        assert.ok(!validSignature("secret", request, hex));
        assert.ok(!validSignature("secret", request, ""));
    });
});

describe("signerOfKey", () => {
    it("derives the DS of RFC 8080 6.1 (Ed25519)", () => {
        const key = "l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=";
        assert.deepEqual(signerOfKey("example.com", 257, 15, key), {
            keyTag: 3613,
            algorithm: 15,
            digestType: 2,
            digest: "3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b",
        });
    });
});
