import { removeLine, setLine, show } from "../problem.ts";
import type { Problem } from "../problem.ts";
import { rule, when } from "./rule.ts";
import type { Rule } from "./rule.ts";

/** Domain by which Let's Encrypt knows itself in CAA records (https://letsencrypt.org/docs/caa/). */
const LETS_ENCRYPT = "letsencrypt.org";

/** Rules across the keys of public certificates. */
export const certificateRules: readonly Rule[] = [
    rule(
        ["certificateIssuer", "acmeDirectory", "caaIssuers"],
        ({ certificateIssuer, acmeDirectory, caaIssuers }) =>
            when(
                certificateIssuer !== "none" &&
                    acmeDirectory === undefined &&
                    caaIssuers.length > 0 &&
                    !caaIssuers.includes(LETS_ENCRYPT),
                () => ({
                    key: "caaIssuers",
                    found: show(caaIssuers),
                    expected: `${LETS_ENCRYPT} among them, since certificateIssuer is ${certificateIssuer}: it issues nothing that CAA does not allow`,
                    remedy: [setLine(`caaIssuers[${caaIssuers.length}]`, LETS_ENCRYPT)],
                    alternative: [setLine("certificateIssuer", "none")],
                }),
            ),
    ),
    rule(
        ["certificateIssuer", "acmeChallenge", "acmeDirectory", "mtaSts"],
        ({ certificateIssuer, acmeChallenge, acmeDirectory, mtaSts }): Problem[] => {
            if (mtaSts !== "enforce") return [];
            const trusted = certificateIssuer === "production" || acmeDirectory !== undefined;
            return [
                ...when(certificateIssuer === "none" || !trusted, () => ({
                    key: "mtaSts",
                    found: show(mtaSts),
                    expected: `testing, since certificateIssuer is ${certificateIssuer} and nobody would trust the certificate of mx that senders then insist on (RFC 8461 4.1)`,
                    remedy: [setLine("mtaSts", "testing")],
                    alternative: [setLine("certificateIssuer", "production")],
                })),
                ...when(certificateIssuer !== "none" && acmeChallenge === "http-01", () => ({
                    key: "acmeChallenge",
                    found: show(acmeChallenge),
                    expected:
                        "dns-01, since mtaSts is enforce and the mail server's names cannot be proven by HTTP",
                    remedy: [setLine("acmeChallenge", "dns-01")],
                    alternative: [setLine("mtaSts", "testing")],
                })),
            ];
        },
    ),
    rule(["certificateIssuer", "acmeAccountUri"], ({ certificateIssuer, acmeAccountUri }) =>
        when(certificateIssuer === "none" && acmeAccountUri !== undefined, () => ({
            key: "acmeAccountUri",
            found: show(acmeAccountUri),
            expected: "nothing, since certificateIssuer is none",
            remedy: [removeLine("acmeAccountUri")],
            alternative: [setLine("certificateIssuer", "production")],
        })),
    ),
];
