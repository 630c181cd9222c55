/**
 * Proves: an entry is there whole or not at all, is made once by several callers at the same time, and failures and crashes leave
 * nothing that is taken for an entry. Does not prove: behaviour on network file systems.
 */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cache } from "../../../lab/toolchain/cache.ts";

const BUILT = { origin: "built", version: "1.0.0" } as const;

describe("the toolchain's cache", () => {
    let root: string;
    let cache: Cache;
    beforeEach(async () => {
        root = await mkdtemp(join(tmpdir(), "sovereign-cache-"));
        cache = new Cache(root);
    });
    afterEach(async () => {
        await rm(root, { recursive: true });
    });

    async function write(directory: string): Promise<typeof BUILT> {
        await writeFile(join(directory, "program"), "content");
        return BUILT;
    }

    it("makes an entry once and finds it afterwards", async () => {
        assert.equal(await cache.find("tool", "k1"), undefined);
        const made = await cache.obtain("tool", "k1", write);
        assert.equal(made.fresh, true);
        assert.equal(await readFile(join(made.directory, "program"), "utf8"), "content");
        const again = await cache.obtain("tool", "k1", () => assert.fail("made twice"));
        assert.equal(again.fresh, false);
        assert.equal(again.directory, made.directory);
        assert.equal(again.provenance.origin, "built");
        assert.equal(again.provenance.version, "1.0.0");
    });

    it("keeps entries of other keys apart", async () => {
        const first = await cache.obtain("tool", "k1", write);
        const second = await cache.obtain("tool", "k2", write);
        assert.notEqual(first.directory, second.directory);
    });

    it("leaves nothing of an entry whose making failed, and can be repeated", async () => {
        const failing = async (directory: string) => {
            await writeFile(join(directory, "half"), "");
            throw new Error("compiler says no");
        };
        await assert.rejects(cache.obtain("tool", "k1", failing), /compiler says no/);
        assert.equal(await cache.find("tool", "k1"), undefined);
        assert.deepEqual(await readdir(join(root, "tool")), []);
        assert.equal((await cache.obtain("tool", "k1", write)).fresh, true);
    });

    it("does not take the remains of a crashed process for an entry, and removes them", async () => {
        await mkdir(join(root, "tool", ".partial-dead"), { recursive: true });
        await mkdir(join(root, "tool", "k1"), { recursive: true });
        assert.equal(await cache.find("tool", "k1"), undefined);
        await cache.obtain("tool", "k1", write);
        assert.deepEqual(await readdir(join(root, "tool")), ["k1"]);
    });

    it("lets one of two callers at the same time make it, and tells the other", async () => {
        let made = 0;
        let told = 0;
        const gate = Promise.withResolvers<undefined>();
        const produce = async (directory: string) => {
            made++;
            await gate.promise;
            return await write(directory);
        };
        const waiting = () => {
            told++;
            gate.resolve(undefined);
        };
        const [a, b] = await Promise.all([
            cache.obtain("tool", "k1", produce, waiting),
            new Cache(root).obtain("tool", "k1", produce, waiting),
        ]);
        assert.equal(made, 1);
        assert.equal(told, 1);
        assert.equal(a.directory, b.directory);
        assert.deepEqual([a.fresh, b.fresh].sort(), [false, true]);
    });
});
