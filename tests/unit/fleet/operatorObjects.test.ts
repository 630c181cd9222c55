// Proves how a stack's file and its objects for the Pulumi Kubernetes Operator belong together: which values are plain, which are
// only referred to, what is refused; and that the image holds all that the program imports, in a base that is checked. It does not
// build the image, and does not run the operator.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, it } from "mocha";
import { operatorObjects } from "../../../operations/fleet/operatorObjects.ts";
import type { FleetMember } from "../../../operations/fleet/operatorObjects.ts";
import { stackConfiguration } from "../../../operations/fleet/stackConfiguration.ts";

const ROOT = join(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

const FILE = `
encryptionsalt: v1:salt
config:
    sovereign:fqdn: omantel.omani.works
    sovereign:workerCount: "2"
    sovereign:nameServers:
        - name: ns1.openova.io
    hcloud:token:
        secure: v1:ciphertext
`;

const member = (changes: Partial<FleetMember> = {}): FleetMember => ({
    stack: "omantel",
    image: `registry.example/sovereign@sha256:${"0".repeat(64)}`,
    backend: "s3://states?region=eu-central-1",
    secretsProvider: "hashivault://sovereigns",
    configuration: stackConfiguration(FILE, "Pulumi.omantel.yaml"),
    ...changes,
});

interface StackObject {
    readonly kind: string;
    readonly metadata: { readonly name: string };
    readonly spec: Readonly<Record<string, unknown>>;
}
const named = (name: string, changes: Partial<FleetMember> = {}): StackObject => {
    const found = operatorObjects(member(changes)).find(
        ({ kind, metadata }) => kind === "Stack" && metadata.name === name,
    );
    assert.ok(found, `no Stack ${name}`);
    return found as unknown as StackObject;
};

describe("stackConfiguration", () => {
    it("keeps plain values with their types, and only names encrypted ones", () => {
        assert.deepEqual(stackConfiguration(FILE, "Pulumi.omantel.yaml"), {
            plain: {
                "sovereign:fqdn": "omantel.omani.works",
                "sovereign:workerCount": "2",
                "sovereign:nameServers": [{ name: "ns1.openova.io" }],
            },
            secretKeys: ["hcloud:token"],
        });
    });

    it("takes an empty file as no configuration", () => {
        assert.deepEqual(stackConfiguration("", "f"), { plain: {}, secretKeys: [] });
    });

    it("refuses secrets within lists and maps, each by its key", () => {
        const text = `config:
    a:list: [{ secure: v1:x }]
    b:map: { inner: { secure: v1:y } }`;
        assert.throws(() => stackConfiguration(text, "Pulumi.x.yaml"), {
            message:
                "Pulumi.x.yaml: a:list, b:map have secrets within a list or map, which a Stack object cannot refer to; make the " +
                "whole value one secret: pulumi config set --secret <key> '<JSON>'",
        });
    });

    it("refuses what is no stack file", () => {
        assert.throws(() => stackConfiguration("config: 5", "x.yaml"), /x\.yaml is no stack file/);
    });
});

describe("operatorObjects", () => {
    it("are three Stacks and a Program, and show no secret", () => {
        const objects = operatorObjects(member());
        assert.deepEqual(
            objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
            [
                "Stack omantel",
                "Stack omantel-drift",
                "Program omantel-outputs",
                "Stack omantel-outputs",
            ],
        );
        assert.doesNotMatch(JSON.stringify(objects), /ciphertext|salt/);
    });

    it("refer to secrets by a key that Kubernetes takes", () => {
        assert.deepEqual(named("omantel").spec.secretsRef, {
            "hcloud:token": {
                type: "Secret",
                secret: { name: "omantel-config", key: "hcloud.token" },
            },
        });
    });

    it("keep a Sovereign when its Stack object is deleted, unless told otherwise", () => {
        assert.equal(named("omantel").spec.destroyOnFinalize, false);
        assert.equal(named("omantel", { destroyOnFinalize: true }).spec.destroyOnFinalize, true);
        assert.equal(
            named("omantel-drift", { destroyOnFinalize: true }).spec.destroyOnFinalize,
            undefined,
        );
    });

    it("look for drift at the interval asked for, and never write", () => {
        const { spec } = named("omantel-drift", { driftSeconds: 900 });
        assert.equal(spec.preview, true);
        assert.equal(spec.resyncFrequencySeconds, 900);
        assert.deepEqual(spec.updateTemplate, { spec: { expectNoChanges: true } });
        assert.deepEqual(spec.prerequisites, [{ name: "omantel" }]);
    });

    for (const [what, changes, message] of [
        ["an image by tag", { image: "registry.example/sovereign:1" }, /expected a digest/],
        ["a name too long for the operator", { stack: "o".repeat(35) }, /at most 34 characters/],
        [
            "a password in the backend",
            { backend: "postgres://u:geheim@db/s" },
            /without a password/,
        ],
        ["a backend that is no URL", { backend: "states" }, /expected a URL/],
    ] as const)
        it(`refuse ${what}, and repeat no secret`, () => {
            assert.throws(
                () => operatorObjects(member(changes)),
                (error: Error) => {
                    assert.match(error.message, message);
                    assert.doesNotMatch(error.message, /geheim/);
                    return true;
                },
            );
        });
});

/** Every file of ours that is imported from here on. */
function imported(entry: string, seen = new Set<string>()): Set<string> {
    if (seen.has(entry)) return seen;
    seen.add(entry);
    for (const [, path] of readFileSync(entry, "utf8").matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g))
        if (path !== undefined) imported(resolve(dirname(entry), path), seen);
    return seen;
}

describe("the image", () => {
    const containerfile = read("deploy/operator/Containerfile");
    const copied = [...containerfile.matchAll(/^COPY (?:--chown=\S+ )?(.+)$/gm)].flatMap(
        ([, paths]) => (paths ?? "").split(" ").slice(0, -1),
    );

    it("copies only what is there and what the ignore file lets through", () => {
        const ignored = read("deploy/operator/Containerfile.dockerignore");
        for (const path of copied) {
            assert.ok(existsSync(join(ROOT, path)), path);
            assert.match(ignored, new RegExp(`^!${path.replaceAll(".", String.raw`\.`)}$`, "m"));
        }
    });

    it("has every file that the program and its plugin import", () => {
        const plugin = readdirSync(join(ROOT, "provider"))
            .filter((file) => file.endsWith(".ts"))
            .map((file) => join(ROOT, "provider", file));
        const files = new Set([join(ROOT, "index.ts"), ...plugin].flatMap((f) => [...imported(f)]));
        const missing = [...files]
            .map((file) => relative(ROOT, file))
            .filter((file) => !copied.some((c) => file === c || file.startsWith(`${c}/`)));
        assert.deepEqual(missing, []);
        assert.ok(statSync(join(ROOT, "provider")).isDirectory());
    });

    it("has no default for its base and installs exactly what is locked", () => {
        assert.match(containerfile, /^ARG BASE_IMAGE$/m);
        assert.match(containerfile, /^RUN npm ci --ignore-scripts --omit=dev$/m);
        assert.doesNotMatch(containerfile, /:latest/);
    });
});
