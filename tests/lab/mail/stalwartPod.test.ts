// Proves that the lab's mail server refuses to start where the real container would die or serve mail badly, and on every
// plan that has more than it plays. Does not prove what a real server says in these cases.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { before, describe, it } from "mocha";
import type { V1Pod } from "@kubernetes/client-node";
import { isStalwartPod, readStalwartPod } from "../../../lab/mail/stalwartPod.ts";
import { certificate, mailPod, mailSpec, mountedFiles, podView } from "./mailPod.ts";

describe("a mail pod", () => {
    let mounted: Map<string, string>;

    before(async () => {
        mounted = await mountedFiles(mailSpec());
    });

    function read(change: (files: Map<string, string>, pod: V1Pod) => void) {
        const files = new Map(mounted);
        const pod = mailPod();
        change(files, pod);
        return readStalwartPod(podView("127.79.128.1", files, pod));
    }

    /** Changes the JSON text of a request file. */
    function edit(file: string, from: string | RegExp, to: string) {
        return (files: Map<string, string>) => {
            const text = files.get(`/plan/${file}`) ?? "";
            const changed = text.replace(from, to);
            assert.notEqual(changed, text, "the edit changes something");
            files.set(`/plan/${file}`, changed);
        };
    }

    it("is read from what it mounts", async () => {
        const { settings, hostPorts } = await read(() => undefined);
        assert.deepEqual([...hostPorts], [[25, 25]]);
        assert.deepEqual(
            settings.listeners.map(({ name, port, implicitTls, proxyTrustedNetworks }) => [
                name,
                port,
                implicitTls,
                proxyTrustedNetworks,
            ]),
            [
                ["smtp", 25, false, ["10.0.0.254/32"]],
                ["submission", 587, false, ["10.0.0.254/32"]],
                ["submissions", 465, true, ["10.0.0.254/32"]],
                ["http", 8080, false, []],
            ],
        );
        assert.deepEqual(
            settings.accounts.map(({ address, aliases, maySend, mayReceive, passwordHash }) => [
                address,
                aliases,
                maySend,
                mayReceive,
                passwordHash !== undefined,
            ]),
            [
                ["noreply@sov.test", [], true, true, true],
                [
                    "postmaster@sov.test",
                    ["abuse@sov.test", "dmarc@sov.test", "tls-rpt@sov.test"],
                    false,
                    true,
                    false,
                ],
            ],
        );
    });

    const refusals: [string, (files: Map<string, string>, pod: V1Pod) => void, RegExp][] = [
        [
            "a missing certificate",
            (files) => files.delete("/tls/tls.crt"),
            /^\/tls\/tls\.crt is missing or empty in container stalwart of stalwart-sovereign\/stalwart-0$/,
        ],
        [
            "a missing DKIM key",
            (files) => files.delete("/dkim/r202611.pem"),
            /^\/dkim\/r202611\.pem is missing or empty/,
        ],
        [
            "a DKIM key of the other kind",
            (files) =>
                files.set(
                    "/dkim/r202611.pem",
                    generateKeyPairSync("ed25519").privateKey.export({
                        type: "pkcs8",
                        format: "pem",
                    }) as string,
                ),
            /^\/dkim\/r202611\.pem: selector r202611 needs a key of type rsa, not ed25519$/,
        ],
        [
            "no plan",
            (files) => {
                for (const name of [...files.keys()])
                    if (name.startsWith("/plan/")) files.delete(name);
            },
            /^no plan in \/plan of container apply$/,
        ],
        [
            "no init container",
            (_files, pod) => {
                if (pod.spec) pod.spec.initContainers = [];
            },
            /no init container that applies a plan/,
        ],
        [
            "another image in the init container",
            (_files, pod) => {
                const init = pod.spec?.initContainers?.[0];
                if (init) init.image = "docker.io/library/debian:13";
            },
            /^the plan is applied by docker\.io\/library\/debian:13, the server is /,
        ],
        [
            "a kernel that keeps low ports to root",
            (_files, pod) => {
                if (pod.spec) pod.spec.securityContext = {};
            },
            /^the server cannot bind 25, 587, 465: the pod does not set net\.ipv4\.ip_unprivileged_port_start$/,
        ],
        [
            "an unknown file in the plan",
            (files) => files.set("/plan/x0.json", "{}"),
            /^unknown files in the plan: x0\.json$/,
        ],
        [
            "an unknown object type",
            edit("r3.json", "x:Tracer/set", "x:Webhook/set"),
            /^the plan has what the stand-in does not play: Webhook$/,
        ],
        [
            "a misspelt property",
            edit("e0-create-dom.json", "isEnabled", "enabled"),
            /Domain\.dom\.isEnabled: .*Domain\.dom: Unrecognized key: "enabled"/,
        ],
        [
            "an open sender rule",
            edit(
                "r1.json",
                '"mustMatchSender":{"match":{},"else":"true"}',
                '"mustMatchSender":{"match":{},"else":"false"}',
            ),
            /MtaStageAuth\.singleton\.mustMatchSender\.else/,
        ],
        [
            "a plain password",
            edit("e1-create-noreply.json", /\$2b\$04\$[^"]+/, "plain"),
            /Account\.noreply\.credentials\.0\.secret: not a bcrypt hash/,
        ],
        [
            "a second domain",
            edit("e0-create-dom.json", /"dom":(\{.*?\})\}\},"c"/, '"dom":$1,"dom2":$1}},"c"'),
            /^the plan has 2 objects of type Domain; the stand-in plays one$/,
        ],
    ];
    for (const [title, change, message] of refusals)
        it(`is refused with ${title}`, async () => {
            await assert.rejects(read(change), (error: Error) => {
                assert.match(error.message, message);
                return true;
            });
        });

    it("is refused with an expired certificate", async () => {
        const expired = await certificate("mail.sov.test", new Date(Date.now() - 60_000));
        await assert.rejects(
            read((files) => {
                files.set("/tls/tls.crt", expired.certificate);
                files.set("/tls/tls.key", expired.key);
            }),
            /^Error: \/tls\/tls\.crt expired on .*; the server would serve a self-signed one$/,
        );
    });

    it("is refused with a key that is not the certificate's", async () => {
        const other = await certificate("mail.sov.test");
        await assert.rejects(
            read((files) => files.set("/tls/tls.key", other.key)),
            /key values mismatch/,
        );
    });

    it("is told by its image alone", () => {
        const withImage = (image: string): V1Pod => ({
            spec: { containers: [{ name: "x", image }] },
        });
        assert.deepEqual(
            [
                "stalwartlabs/stalwart:v0.16.24",
                "docker.io/stalwartlabs/stalwart:v0.16.24@sha256:00",
                "ghcr.io/stalwartlabs/stalwart@sha256:00",
                "stalwartlabs/stalwart-mail:v1",
                "docker.io/library/debian:13",
            ].map((image) => isStalwartPod(withImage(image))),
            [true, true, true, false, false],
        );
    });
});
