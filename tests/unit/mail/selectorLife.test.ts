/**
 * Proves which steps of a DKIM rotation are refused, what the refusal says and from when on a step is possible, and that whatever is
 * allowed never leaves the server signing with a key that is not published. It does not prove that name servers are asked, nor that the
 * refusal reaches a preview: the provider's tests do.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
    activeFrom,
    advance,
    listFailures,
    refusals,
    revocableFrom,
    SELECTOR_STATES,
} from "../../../provider/mail/selectorLife.ts";
import type { SelectorLife, WantedSelector } from "../../../provider/mail/selectorLife.ts";

const TIMES = { ttl: 300, signatureLifetime: 604_800 };
const START = new Date("2026-11-24T03:00:00Z");
const after = (seconds: number): Date => new Date(START.getTime() + seconds * 1000);

function rsa(selector: string, state: WantedSelector["state"]): WantedSelector {
    const key = `v=DKIM1; k=rsa; h=sha256; p=${selector}`;
    return { selector, algorithm: "rsa2048", state, value: state === "revoked" ? "p=" : key };
}

/** Lives after `lists`, one step each, everything published at once. */
function livesAfter(...lists: readonly (readonly WantedSelector[])[]): SelectorLife[] {
    return lists.reduce<SelectorLife[]>(
        (lives, list) => advance(lives, list, START, new Set(list.map(({ selector }) => selector))),
        [],
    );
}

const refused = (lives: readonly SelectorLife[], wanted: readonly WantedSelector[], at = START) =>
    refusals(lives, wanted, at, TIMES);

describe("refusals", () => {
    const both = livesAfter([rsa("r1", "active")], [rsa("r1", "active"), rsa("r2", "pending")]);

    it("lets a Sovereign begin as it is configured", () => {
        assert.deepEqual(refused([], [rsa("r1", "active"), rsa("r0", "retiring")]), []);
    });

    it("wants a new selector pending first", () => {
        assert.deepEqual(
            refused(livesAfter([rsa("r1", "active")]), [
                rsa("r1", "retiring"),
                rsa("r2", "active"),
            ]),
            [
                "selector r2 is new and cannot be active at once: its key has to be published first. Next: `pulumi config set --path 'dkim[1].state' pending`, then `pulumi up`",
            ],
        );
    });

    it("holds a pending selector back for its TTL, to the second", () => {
        const wanted = [rsa("r1", "retiring"), rsa("r2", "active")];
        assert.deepEqual(refused(both, wanted, after(299)), [
            "selector r2 cannot go from pending to active yet: every authoritative name server answers with its key since 2026-11-24T03:00:00Z, and receivers may hold the answer from before for the record's TTL of 300 s. Possible from 2026-11-24T03:05:00Z on; it is 2026-11-24T03:04:59Z. Until then: `pulumi config set --path 'dkim[1].state' pending`",
        ]);
        assert.deepEqual(refused(both, wanted, after(300)), []);
    });

    it("holds a pending selector back that no server was seen to answer", () => {
        const unseen = advance(
            livesAfter([rsa("r1", "active")]),
            [rsa("r1", "active"), rsa("r2", "pending")],
            START,
            new Set(["r1"]),
        );
        const [reason] = refused(
            unseen,
            [rsa("r1", "retiring"), rsa("r2", "active")],
            after(1_000_000),
        );
        assert.match(
            reason ?? "",
            /^selector r2 cannot go from pending to active yet: no moment is known .* `pulumi refresh`/,
        );
    });

    it("keeps the key of a retiring selector for the lifetime of its last signature", () => {
        const switched = advance(
            both,
            [rsa("r1", "retiring"), rsa("r2", "active")],
            after(400),
            new Set(["r1", "r2"]),
        );
        const wanted = [rsa("r1", "revoked"), rsa("r2", "active")];
        assert.deepEqual(refused(switched, wanted, after(604_800)), [
            "selector r1 cannot go from retiring to revoked yet: it signed until 2026-11-24T03:06:40Z, and a message may be verified for 604800 s after it was signed (dkimSignatureLifetime). Possible from 2026-12-01T03:06:40Z on; it is 2026-12-01T03:00:00Z. Until then: `pulumi config set --path 'dkim[0].state' retiring`",
        ]);
        assert.deepEqual(refused(switched, wanted, after(605_200)), []);
    });

    it("counts from the last time a selector signed, where it was active twice", () => {
        const back = [
            [rsa("r1", "retiring"), rsa("r2", "active")],
            [rsa("r1", "active"), rsa("r2", "retiring")],
            [rsa("r1", "retiring"), rsa("r2", "active")],
        ].reduce<SelectorLife[]>(
            (lives, list, i) => advance(lives, list, after(1000 * (i + 1)), new Set(["r1", "r2"])),
            both,
        );
        const r1 = back.find(({ selector }) => selector === "r1");
        assert.ok(r1);
        assert.equal(revocableFrom(r1, TIMES).toISOString(), "2026-12-01T03:50:00.000Z");
    });

    it("lets a pending selector that never signed be revoked at once", () => {
        assert.deepEqual(refused(both, [rsa("r1", "active"), rsa("r2", "revoked")]), []);
    });

    it("wants a selector revoked before it leaves the list, and says how", () => {
        assert.deepEqual(refused(both, [rsa("r2", "active")], after(300)), [
            "selector r1 is active and cannot leave the list before it is revoked: receivers could no longer tell that its key is withdrawn. Next: put {selector: r1, algorithm: rsa2048} back as active, then retiring, then revoked",
        ]);
        assert.deepEqual(refused(both, [rsa("r1", "active")]), [
            "selector r2 is pending and cannot leave the list before it is revoked: receivers could no longer tell that its key is withdrawn. Next: put {selector: r2, algorithm: rsa2048} back with state revoked",
        ]);
    });

    it("never lets a name be taken up again", () => {
        const gone = livesAfter(
            [rsa("r1", "active"), rsa("r0", "revoked")],
            [rsa("r1", "active")],
            [rsa("r1", "active")],
        );
        assert.deepEqual(refused(gone, [rsa("r1", "active"), rsa("r0", "pending")]), [
            "selector r0 was in use until 2026-11-24T03:00:00Z and cannot be taken up again: receivers may still hold its old record. Next: choose a name that was never used: `pulumi config set --path 'dkim[1].selector' <another name>`",
        ]);
    });

    it("lets no key be replaced under its name, and no algorithm", () => {
        const lives = livesAfter([rsa("r1", "active")]);
        for (const value of ["another key", undefined])
            assert.match(
                refused(lives, [{ ...rsa("r1", "active"), value }])[0] ?? "",
                /^the key of selector r1 is about to be replaced under the same name/,
            );
        assert.match(
            refused(lives, [{ ...rsa("r1", "active"), algorithm: "ed25519" }])[0] ?? "",
            /^selector r1 has a key of rsa2048 and cannot get one of ed25519\. Next: `pulumi config set --path 'dkim\[0\]\.algorithm' rsa2048`/,
        );
    });

    const ILLEGAL = [
        ["pending", "retiring", /never signed/],
        ["active", "pending", /has signed already; set it retiring/],
        ["active", "revoked", /could no longer be verified; set it retiring first/],
        ["retiring", "pending", /leave it retiring, or set it active again/],
        ["revoked", "pending", /stays revoked/],
        ["revoked", "active", /stays revoked/],
        ["revoked", "retiring", /stays revoked/],
    ] as const;
    for (const [from, to, why] of ILLEGAL)
        it(`never goes from ${from} to ${to}`, () => {
            const lives = livesAfter([rsa("r1", from)]);
            const [reason, ...more] = refused(lives, [rsa("r1", to)], after(10_000_000));
            assert.match(reason ?? "", why);
            assert.ok(
                reason?.endsWith(`Now: \`pulumi config set --path 'dkim[0].state' ${from}\``),
            );
            assert.deepEqual(more, []);
        });
});

describe("advance", () => {
    type Wish = WantedSelector["state"] | "absent" | "switch";

    /** A wish for one of three names, and how long after the one before. `switch` makes it sign, and retires what signs. */
    const wish = fc.record({
        name: fc.constantFrom("s0", "s1", "s2"),
        to: fc.constantFrom<Wish>(...SELECTOR_STATES, "absent", "switch", "switch"),
        seconds: fc.oneof(fc.integer({ max: 400, min: 0 }), fc.constant(604_800)),
    });

    /** A whole rotation, so that there is one among the walks. */
    const ROTATION: { name: string; to: Wish; seconds: number }[] = [
        { name: "s1", to: "pending", seconds: 0 },
        { name: "s1", to: "switch", seconds: 400 },
        { name: "s0", to: "revoked", seconds: 604_800 },
        { name: "s0", to: "absent", seconds: 400 },
    ];

    function withWish(
        states: ReadonlyMap<string, Wish>,
        name: string,
        to: Wish,
    ): Map<string, Wish> {
        const next = new Map(states);
        if (to === "switch")
            for (const [other, state] of states)
                if (state === "active") next.set(other, "retiring");
        return next.set(name, to === "switch" ? "active" : to);
    }

    /** Walks of wishes, of which only allowed ones are granted; `visit` sees each step that was taken. */
    const walks = (
        visit: (before: SelectorLife[], lives: SelectorLife[], now: Date) => void,
    ): void => {
        fc.assert(
            fc.property(fc.array(wish, { maxLength: 40 }), (wishes) => {
                let now = START;
                let states = new Map<string, Wish>([["s0", "active"]]);
                let lives = livesAfter([rsa("s0", "active")]);
                for (const { name, to, seconds } of wishes) {
                    now = new Date(now.getTime() + seconds * 1000);
                    const wished = withWish(states, name, to);
                    const wanted = [...wished].flatMap(([selector, state]) =>
                        state === "absent" || state === "switch" ? [] : [rsa(selector, state)],
                    );
                    if (listFailures(wanted).length > 0) continue;
                    if (refusals(lives, wanted, now, TIMES).length > 0) continue;
                    const seen = new Set(wanted.map(({ selector }) => selector));
                    const next = advance(lives, wanted, now, seen);
                    visit(lives, next, now);
                    [lives, states] = [next, wished];
                }
            }),
            { numRuns: 300, examples: [[ROTATION]] },
        );
    };

    it("signs only with keys that were everywhere for their TTL", () => {
        let begun = 0;
        walks((before, lives, now) => {
            for (const life of lives.filter(({ state }) => state === "active")) {
                const from = activeFrom(life, TIMES);
                assert.ok(from);
                const begins = before.find((b) => b.selector === life.selector);
                if (begins?.state === "pending") {
                    begun++;
                    assert.ok(from <= now, life.selector);
                } else assert.ok(["active", "retiring"].includes(begins?.state ?? ""));
            }
        });
        assert.ok(begun > 0, "no walk switched to another key");
    });

    it("withdraws no key within the lifetime of what it signed, and forgets no name", () => {
        let withdrawn = 0;
        walks((before, lives, now) => {
            for (const life of before) {
                const next = lives.find(({ selector }) => selector === life.selector);
                assert.ok(next, life.selector);
                if (life.state === "retiring" && next.state === "revoked") {
                    withdrawn++;
                    assert.ok(revocableFrom(life, TIMES) <= now);
                }
                if (next.state === "removed")
                    assert.ok(["revoked", "removed"].includes(life.state));
                if (life.state === "removed") assert.equal(next.state, "removed");
            }
        });
        assert.ok(withdrawn > 0, "no walk withdrew a key");
    });
});

describe("listFailures", () => {
    const ed = (selector: string, state: WantedSelector["state"]): WantedSelector => ({
        ...rsa(selector, state),
        algorithm: "ed25519",
    });

    it("takes one active per algorithm", () => {
        assert.deepEqual(listFailures([rsa("r1", "active"), ed("e1", "active")]), []);
    });

    it("names what is wrong with a list whatever was before", () => {
        assert.deepEqual(listFailures([rsa("r1", "retiring"), ed("e1", "active")]), [
            {
                reason: "no selector of rsa2048 is active; expected one, since large receivers verify no other signature",
            },
        ]);
        assert.deepEqual(listFailures([rsa("r1", "active"), rsa("r2", "active")]), [
            {
                reason: "2 selectors of rsa2048 are active (r1, r2); expected one, the others pending or retiring",
            },
        ]);
        assert.deepEqual(
            listFailures([rsa("r1", "active"), ed("e1", "active"), ed("e2", "active")]),
            [
                {
                    reason: "2 selectors of ed25519 are active (e1, e2); expected one, the others pending or retiring",
                },
            ],
        );
        assert.deepEqual(listFailures([rsa("r1", "active"), rsa("r1", "retiring")]), [
            { index: 1, reason: "selector r1 is in the list twice" },
        ]);
    });
});
