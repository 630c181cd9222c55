// Proves: what the doctor says of certificates that are being issued, fail, end, or are renewed too late, and when it keeps quiet.
// Does not prove: that cert-manager writes its status as the tables here have it (e2e/doctor.test.ts asks a real one).
import assert from "node:assert/strict";
import { certificateSchema, judgeIssuance } from "../../../operations/doctor/issuance.ts";

const NOW = new Date("2026-11-24T05:00:00Z");

interface Status {
    readonly created?: string;
    readonly ready?: string;
    readonly issuing?: string;
    readonly failures?: number;
    readonly renewalTime?: string;
    readonly notAfter?: string;
}

function certificate({ created, ready, issuing, failures, renewalTime, notAfter }: Status) {
    return certificateSchema.parse({
        metadata: {
            namespace: "stalwart-sovereign",
            name: "stalwart-tls",
            creationTimestamp: created ?? "2026-11-24T04:30:00Z",
        },
        status: {
            conditions: [
                {
                    type: "Ready",
                    status: ready === undefined ? "True" : "False",
                    message: ready ?? "Certificate is up to date and has not expired",
                },
                ...(issuing === undefined
                    ? []
                    : [{ type: "Issuing", status: "True", message: issuing }]),
            ],
            failedIssuanceAttempts: failures,
            renewalTime,
            notAfter,
        },
    });
}

describe("the doctor's look at certificates", () => {
    for (const [what, status, evidence, problems] of [
        [
            "one that is valid",
            { renewalTime: "2027-01-23T05:00:00Z", notAfter: "2027-02-22T05:00:00Z" },
            "1 public certificate, the first ends on 2027-02-22",
            [],
        ],
        [
            "one that is being renewed",
            {
                issuing: "Renewing certificate",
                renewalTime: "2026-11-24T04:00:00Z",
                notAfter: "2026-12-24T05:00:00Z",
            },
            "1 public certificate, the first ends on 2026-12-24",
            [],
        ],
        [
            "one whose renewal is overdue",
            {
                issuing: "the order failed",
                failures: 3,
                renewalTime: "2026-11-04T05:00:00Z",
                notAfter: "2026-12-04T05:00:00Z",
            },
            "1 public certificate, the first ends on 2026-12-04",
            [
                "certificate stalwart-sovereign/stalwart-tls ends on 2026-12-04 and is not renewed: the order failed",
            ],
        ],
        [
            "one that has ended",
            {
                ready: "Certificate expired",
                renewalTime: "2026-10-20T05:00:00Z",
                notAfter: "2026-11-20T05:00:00Z",
            },
            "1 public certificate, 1 of them not issued",
            [
                "certificate stalwart-sovereign/stalwart-tls ended on 2026-11-20: Certificate expired",
            ],
        ],
        [
            "one that is issued for the first time",
            { ready: "Secret does not exist", issuing: "Secret does not exist" },
            "1 public certificate, 1 of them not issued",
            [],
        ],
        [
            "one in whose Secret the own authority's is meanwhile",
            {
                ready: "Issuing certificate as Secret was previously issued by another issuer",
                issuing: "Issuing certificate as Secret was previously issued by another issuer",
                renewalTime: "2028-03-27T05:00:00Z",
                notAfter: "2028-11-25T05:00:00Z",
            },
            "1 public certificate, 1 of them not issued",
            [],
        ],
        [
            "one that nobody issued in an hour",
            { created: "2026-11-24T03:59:00Z", ready: "Secret does not exist" },
            "1 public certificate, 1 of them not issued",
            ["certificate stalwart-sovereign/stalwart-tls is not issued: Secret does not exist"],
        ],
    ] as const)
        it(`judges ${what}`, () => {
            assert.deepEqual(judgeIssuance([certificate(status)], NOW), { evidence, problems });
        });

    it("has nothing to say of a cluster without them", () => {
        assert.deepEqual(judgeIssuance([], NOW), {
            evidence: "no public certificates",
            problems: [],
        });
    });

    it("takes one that cert-manager has not seen yet", () => {
        const unseen = certificateSchema.parse({
            metadata: { namespace: "a", name: "b", creationTimestamp: "2026-11-24T03:00:00Z" },
        });
        assert.deepEqual(judgeIssuance([unseen], NOW).problems, [
            "certificate a/b is not issued: nobody works on it",
        ]);
    });
});
