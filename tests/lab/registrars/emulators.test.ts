// Proves that the emulated registrars answer in the shapes and with the errors that the vendors document, and that scripted
// faults do what they say: the provider's tests stand on that. The pages are named in the emulators.
// Does not prove what the live registrars do.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { labAddresses } from "../../../lab/addresses.ts";
import { CLOUDFLARE_NAME_SERVERS, CloudflareApi } from "../../../lab/registrars/cloudflareApi.ts";
import { REGISTRAR_CREDENTIALS } from "../../../lab/registrars/credentials.ts";
import { EmulatedRegistrar, type RegistrarApi } from "../../../lab/registrars/emulatedRegistrar.ts";
import { GODADDY_NAME_SERVERS, GoDaddyApi } from "../../../lab/registrars/godaddyApi.ts";
import { NAMECHEAP_NAME_SERVERS, NamecheapApi } from "../../../lab/registrars/namecheapApi.ts";
import { OVH_NAME_SERVERS, OvhApi } from "../../../lab/registrars/ovhApi.ts";
import { RegisteredDomains } from "../../../lab/registrars/registeredDomains.ts";
import type { RegistryDelegation } from "../../../lab/parts.ts";
import { claimLabInstance, type LabInstance } from "../../support/labInstance.ts";

const DOMAIN = "customer.example";

describe("emulated registrars", () => {
    let claim: LabInstance;
    let emulator: EmulatedRegistrar;
    let domains: RegisteredDomains;
    let published: RegistryDelegation[];

    before(async () => {
        claim = await claimLabInstance();
    });
    after(() => claim.release());
    afterEach(() => emulator.stop());

    async function start(
        own: readonly string[],
        make: (held: RegisteredDomains) => RegistrarApi,
    ): Promise<void> {
        published = [];
        domains = new RegisteredDomains([DOMAIN], own, {
            publish: (delegation) => {
                published.push(delegation);
                return Promise.resolve();
            },
        });
        const host = `${labAddresses(claim.instance).prefix}.0.20`;
        emulator = new EmulatedRegistrar(make(domains), domains, { host, port: 8080 });
        await emulator.start();
    }

    async function ask(path: string, init: RequestInit = {}) {
        const response = await fetch(emulator.url + path, init);
        const text = await response.text();
        return { status: response.status, headers: response.headers, text };
    }

    it("is Cloudflare: an envelope, zones by name, edits by id, 429 with Retry-After", async () => {
        await start(CLOUDFLARE_NAME_SERVERS, () => new CloudflareApi());
        const headers = { Authorization: `Bearer ${REGISTRAR_CREDENTIALS.cloudflareApiToken}` };
        const denied = await ask(`/zones?name=${DOMAIN}`);
        assert.deepEqual(
            [denied.status, JSON.parse(denied.text)],
            [
                403,
                {
                    result: null,
                    success: false,
                    errors: [{ code: 9109, message: "Invalid access token" }],
                    messages: [],
                },
            ],
        );
        const found = JSON.parse((await ask(`/zones?name=${DOMAIN}`, { headers })).text) as {
            result: [{ id: string; name_servers: string[] }];
        };
        assert.deepEqual(found.result[0].name_servers, CLOUDFLARE_NAME_SERVERS);
        const { id } = found.result[0];
        const body = JSON.stringify({ name_servers: ["ns1.a.test", "ns2.a.test"] });
        const edited = await ask(`/zones/${id}`, { method: "PATCH", headers, body });
        assert.equal(edited.status, 200);
        assert.deepEqual(published.at(-1)?.nameServers, ["ns1.a.test", "ns2.a.test"]);
        emulator.faults.add({ action: { kind: "rate-limited" } });
        const limited = await ask(`/zones?name=${DOMAIN}`, { headers });
        assert.deepEqual([limited.status, limited.headers.get("retry-after")], [429, "1"]);
    });

    it("is GoDaddy: sso-key, 204 to a change, codes and retryAfterSec", async () => {
        await start(GODADDY_NAME_SERVERS, () => new GoDaddyApi());
        const { godaddyApiKey, godaddyApiSecret } = REGISTRAR_CREDENTIALS;
        const headers = { Authorization: `sso-key ${godaddyApiKey}:${godaddyApiSecret}` };
        const denied = await ask(`/v1/domains/${DOMAIN}`);
        assert.equal(denied.status, 401);
        assert.match(denied.text, /"code":"UNABLE_TO_AUTHENTICATE"/);
        const body = JSON.stringify({ nameServers: ["ns1.a.test", "ns2.a.test"] });
        const changed = await ask(`/v1/domains/${DOMAIN}`, { method: "PATCH", headers, body });
        assert.deepEqual([changed.status, changed.text], [204, ""]);
        const one = JSON.stringify({ nameServers: ["ns1.a.test"] });
        const few = await ask(`/v1/domains/${DOMAIN}`, { method: "PATCH", headers, body: one });
        assert.equal(few.status, 422);
        emulator.faults.add({ action: { kind: "rate-limited" } });
        const limited = await ask(`/v1/domains/${DOMAIN}`, { headers });
        assert.equal(limited.status, 429);
        assert.deepEqual(JSON.parse(limited.text), {
            code: "TOO_MANY_REQUESTS",
            message: "Too many requests received within interval",
            retryAfterSec: 1,
        });
    });

    it("is Namecheap: XML with attributes, status 200 for errors, 405 for too many", async () => {
        await start(NAMECHEAP_NAME_SERVERS, () => new NamecheapApi());
        const { namecheapApiUser, namecheapApiKey, namecheapClientIp } = REGISTRAR_CREDENTIALS;
        const call = (parameters: Record<string, string>) =>
            ask("", {
                method: "POST",
                body: new URLSearchParams({
                    ApiUser: namecheapApiUser,
                    ApiKey: namecheapApiKey,
                    UserName: namecheapApiUser,
                    ClientIp: namecheapClientIp,
                    SLD: "customer",
                    TLD: "example",
                    ...parameters,
                }),
            });
        const list = { Command: "namecheap.domains.dns.getList" };
        assert.match(
            (await call(list)).text,
            /<DomainDNSGetListResult Domain="customer\.example" IsUsingOurDNS="true"><Nameserver>dns1\.registrar-servers\.com<\/Nameserver>/,
        );
        const denied = await call({ ...list, ClientIp: "192.0.2.66" });
        assert.equal(denied.status, 200);
        assert.match(
            denied.text,
            /<Error Number="1011150">Invalid request IP: 192\.0\.2\.66<\/Error>/,
        );
        assert.match(
            (await call({ ...list, SLD: "stranger" })).text,
            /Status="ERROR".*<Error Number="2019166">Domain name not found<\/Error>/,
        );
        emulator.faults.add({ operation: list.Command, action: { kind: "rate-limited" } });
        assert.equal((await call(list)).status, 405);
    });

    it("is OVHcloud: its own clock, signatures, types of DNS and tasks", async () => {
        await start(OVH_NAME_SERVERS, (held) => new OvhApi(held));
        const { ovhApplicationKey, ovhApplicationSecret, ovhConsumerKey } = REGISTRAR_CREDENTIALS;
        const ahead = Number((await ask("/auth/time")).text) - Math.floor(Date.now() / 1000);
        assert.ok(ahead > 3000);
        const call = (method: string, path: string, content?: unknown, offset = ahead) => {
            const body = content === undefined ? "" : JSON.stringify(content);
            const timestamp = Math.floor(Date.now() / 1000) + offset;
            const url = emulator.url + path;
            const parts = [ovhApplicationSecret, ovhConsumerKey, method, url, body, timestamp];
            const digest = createHash("sha1").update(parts.join("+")).digest("hex");
            return ask(path, {
                method,
                headers: {
                    "Content-Type": "application/json",
                    "X-Ovh-Application": ovhApplicationKey,
                    "X-Ovh-Consumer": ovhConsumerKey,
                    "X-Ovh-Timestamp": String(timestamp),
                    "X-Ovh-Signature": `$1$${digest}`,
                },
                ...(body === "" ? {} : { body }),
            });
        };
        assert.match((await call("GET", `/domain/${DOMAIN}`, undefined, 0)).text, /QUERY_TIME_OUT/);
        const update = { nameServers: [{ host: "ns1.a.test" }, { host: "ns2.a.test" }] };
        const path = `/domain/${DOMAIN}/nameServers/update`;
        assert.equal((await call("POST", path, update)).status, 400);
        await call("PUT", `/domain/${DOMAIN}`, { nameServerType: "external" });
        const task = JSON.parse((await call("POST", path, update)).text) as {
            id: number;
            status: string;
        };
        assert.equal(task.status, "todo");
        assert.match(
            (await call("GET", `/domain/${DOMAIN}/task/${task.id}`)).text,
            /"status":"done"/,
        );
        assert.deepEqual(published.at(-1)?.nameServers, ["ns1.a.test", "ns2.a.test"]);
        assert.equal((await call("GET", "/domain/stranger.example")).status, 404);
    });

    it("drops what a script says, before and after it is done, and remembers no credential", async () => {
        await start(GODADDY_NAME_SERVERS, () => new GoDaddyApi());
        const { godaddyApiKey, godaddyApiSecret } = REGISTRAR_CREDENTIALS;
        const init = {
            method: "PATCH",
            headers: { Authorization: `sso-key ${godaddyApiKey}:${godaddyApiSecret}` },
            body: JSON.stringify({ nameServers: ["ns1.a.test", "ns2.a.test"] }),
        };
        emulator.faults.add({ action: { kind: "drop-request" } });
        await assert.rejects(ask(`/v1/domains/${DOMAIN}`, init));
        assert.equal(domains.find(DOMAIN)?.own, true);
        emulator.faults.add({ action: { kind: "drop-reply" } });
        await assert.rejects(ask(`/v1/domains/${DOMAIN}`, init));
        assert.deepEqual(domains.find(DOMAIN)?.nameServers, ["ns1.a.test", "ns2.a.test"]);
        assert.deepEqual(emulator.requests, [
            { operation: "patch domain", method: "PATCH", fault: "drop-request" },
            { operation: "patch domain", method: "PATCH", fault: "drop-reply" },
        ]);
    });
});
