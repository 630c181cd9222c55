// Proves: a LUA record set is refused before any write where PowerDNS says that it takes none over its API, and no other kind of
// record set asks. The real PowerDNS of the lab does not know the setting, which is read from it too; what 5.1 answers is played.
import assert from "node:assert/strict";
import { checkLuaUpdates } from "../../../../provider/dns/luaUpdates.ts";
import { MACHINE_CLOCK } from "../../../../provider/dns/clock.ts";
import { PowerDnsClient } from "../../../../provider/dns/powerdns/client.ts";
import { PowerDnsLab } from "../../support/powerDnsLab.ts";

const RECORD_SET = { name: "www.example.org.", type: "LUA" };

describe("LUA record sets", () => {
    const { signal } = new AbortController();
    const answering = (value: string | undefined) => ({ setting: () => Promise.resolve(value) });

    it("are refused where the server takes none, with what to set", async () => {
        await assert.rejects(checkLuaUpdates(answering("no"), RECORD_SET, signal), {
            message:
                "the record set www.example.org. LUA cannot be written: this PowerDNS takes no LUA records over its API. " +
                "Set `enable-lua-record-updates=yes` (and `enable-lua-records=yes`, or it serves none) in its pdns.conf and restart it, or use plain addresses",
        });
    });

    it("are written where it takes them, and where it has no such setting", async () => {
        for (const value of ["yes", undefined])
            await checkLuaUpdates(answering(value), RECORD_SET, signal);
    });

    it("alone are asked about", async () => {
        const never = { setting: () => Promise.reject(new Error("asked")) };
        await checkLuaUpdates(never, { name: "www.example.org.", type: "A" }, signal);
        await assert.rejects(checkLuaUpdates(never, RECORD_SET, signal), { message: "asked" });
    });

    it("are asked about at the real server, whose settings can be read", async function () {
        this.timeout(60_000);
        const lab = await PowerDnsLab.start();
        try {
            const { powerdnsApiKey } = lab.lab.context.credentials;
            const client = new PowerDnsClient({
                url: lab.url,
                serverId: "localhost",
                apiKey: powerdnsApiKey,
                timeout: 10_000,
                clock: MACHINE_CLOCK,
            });
            assert.equal(await client.setting("api"), "yes");
            assert.equal(await client.setting("no-such-setting"), undefined);
            await checkLuaUpdates(client, RECORD_SET, signal);
        } finally {
            await lab.stop();
        }
    });
});
