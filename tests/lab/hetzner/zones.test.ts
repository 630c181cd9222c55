// Proves zones, record sets and certificates of the API: defaults, validation, protection, zone files.
// Does not prove that anything resolves: no name server serves these zones, the Sovereign's are at PowerDNS.
import assert from "node:assert/strict";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { type CloudFixture, startCloud } from "./cloudFixture.ts";

describe("lab/hetzner zones", () => {
    let f: CloudFixture;
    const rrsets = "/zones/omantel.example/rrsets";

    before(async () => {
        f = await startCloud();
        await f.api.done("POST", "/zones", { name: "omantel.example", mode: "primary" });
    });

    after(() => f.release());

    const rejected = (field: string) => ({
        status: 422,
        code: "invalid_input",
        message: `invalid input in field '${field}'`,
    });

    const changeProtected = {
        status: 423,
        code: "protected",
        message: "RRSet(s) is/are change protected",
    };

    it("begins with SOA and the assigned name servers", async () => {
        const { zone } = await f.api.get("/zones/omantel.example");
        assert.deepEqual(
            [Number(zone?.ttl), zone?.authoritative_nameservers],
            [
                3600,
                {
                    assigned: [
                        "hydrogen.ns.hetzner.com.",
                        "oxygen.ns.hetzner.com.",
                        "helium.ns.hetzner.de.",
                    ],
                    delegated: [],
                    delegation_last_check: null,
                    delegation_status: "unregistered",
                },
            ],
        );
        const list = await f.api.get(`${rrsets}?per_page=100`);
        assert.deepEqual(
            (list.rrsets as unknown as { id: string }[]).map(({ id }) => id),
            ["@/SOA", "@/NS"],
        );
        assert.equal(Number(list.meta?.pagination?.per_page), 100);
    });

    it("refuses zones that can't be", async () => {
        const zone = (values: object) => ({ name: "other.example", mode: "primary", ...values });
        await f.api.refused(
            "POST",
            "/zones",
            zone({ name: "a.omantel.example" }),
            rejected("name"),
        );
        await f.api.refused("POST", "/zones", zone({ name: "Upper.example" }), rejected("name"));
        await f.api.refused("POST", "/zones", zone({ ttl: 59 }), rejected("ttl"));
        await f.api.refused("POST", "/zones", zone({ name: "omantel.example" }), {
            status: 409,
            code: "uniqueness_error",
            message: "name is already used",
        });
        await f.api.refused(
            "POST",
            "/zones/omantel.example/actions/change_primary_nameservers",
            { primary_nameservers: [] },
            {
                status: 422,
                code: "incorrect_zone_mode",
                message: "zone is not a secondary zone",
            },
        );
    });

    it("creates, changes and deletes record sets", async () => {
        const made = await f.api.send("POST", rrsets, {
            name: "mail",
            type: "A",
            ttl: 300,
            records: [{ value: "198.51.100.1" }],
        });
        assert.equal(made.status, 201);
        assert.deepEqual(
            [made.body.rrset?.id, made.body.rrset?.records],
            ["mail/A", [{ value: "198.51.100.1", comment: "" }]],
        );
        const actions = `${rrsets}/mail/A/actions`;
        await f.api.done("POST", `${actions}/add_records`, {
            records: [{ value: "198.51.100.2" }],
        });
        const updated = await f.api.send("POST", `${actions}/update_records`, {
            records: [{ value: "198.51.100.2", comment: "second" }],
        });
        assert.equal(updated.status, 200);
        await f.api.done("POST", `${actions}/remove_records`, {
            records: [{ value: "198.51.100.1" }],
        });
        await f.api.done("POST", `${actions}/change_ttl`, { ttl: 600 });
        const { rrset } = await f.api.get(`${rrsets}/mail/A`);
        assert.deepEqual(
            [Number(rrset?.ttl), rrset?.records],
            [600, [{ value: "198.51.100.2", comment: "second" }]],
        );
        const gone = await f.api.send("DELETE", `${rrsets}/mail/A`);
        assert.equal(gone.status, 201);
        assert.equal((await f.api.send("GET", `${rrsets}/mail/A`)).status, 404);
    });

    it("refuses record sets that can't be", async () => {
        const rrset = (values: object) => ({
            name: "www",
            type: "A",
            records: [{ value: "198.51.100.1" }],
            ...values,
        });
        const twice = [{ value: "198.51.100.1" }, { value: "198.51.100.1" }];
        const wrong: [object, string][] = [
            [{ name: "WWW" }, "name"],
            [{ type: "SPF" }, "type"],
            [{ ttl: 59 }, "ttl"],
            [{ records: [] }, "records"],
            [{ records: twice }, "records"],
            [
                {
                    records: Array.from({ length: 51 }, (_, n) => ({ value: `198.51.100.${n}` })),
                },
                "records",
            ],
        ];
        for (const [values, field] of wrong)
            await f.api.refused("POST", rrsets, rrset(values), rejected(field));
        await f.api.refused("POST", rrsets, rrset({ name: "@", type: "NS" }), {
            status: 409,
            code: "uniqueness_error",
            message: "RRSet already exists",
        });
    });

    it("keeps protected record sets and zones", async () => {
        await f.api.done("POST", rrsets, {
            name: "kept",
            type: "TXT",
            records: [{ value: '"v"' }],
        });
        const path = `${rrsets}/kept/TXT`;
        await f.api.done("POST", `${path}/actions/change_protection`, { change: true });
        await f.api.refused("DELETE", path, undefined, changeProtected);
        await f.api.refused(
            "POST",
            `${path}/actions/set_records`,
            { records: [{ value: '"w"' }] },
            changeProtected,
        );
        await f.api.refused(
            "POST",
            "/zones/omantel.example/actions/import_zonefile",
            { zonefile: "" },
            changeProtected,
        );
        await f.api.done("POST", `${path}/actions/change_protection`, { change: false });
        await f.api.done("POST", "/zones/omantel.example/actions/change_protection", {
            delete: true,
        });
        await f.api.refused("DELETE", "/zones/omantel.example", undefined, {
            status: 423,
            code: "protected",
            message: "zone is delete protected",
        });
    });

    it("reads a zone file and writes it again", async () => {
        const lines = ["www 300 IN A 198.51.100.1", "@ IN MX 10 mx.omantel.example."];
        await f.api.done("POST", "/zones/omantel.example/actions/import_zonefile", {
            zonefile: ["$ORIGIN omantel.example.", "; a comment", ...lines, ""].join("\n"),
        });
        const { zonefile } = await f.api.get("/zones/omantel.example/zonefile");
        const text = String(zonefile);
        assert.ok(text.includes("www\t300\tIN\tA\t198.51.100.1"), text);
        assert.ok(text.includes("@\t3600\tIN\tMX\t10 mx.omantel.example."), text);
        assert.ok(text.includes("@\t3600\tIN\tNS\thydrogen.ns.hetzner.com."), text);
        await f.api.refused(
            "POST",
            "/zones/omantel.example/actions/import_zonefile",
            { zonefile: "what is this" },
            rejected("zonefile"),
        );
    });
});

const DAY = 86_400_000;
/** The midnight after tomorrow's: certificates know whole seconds only. */
const NOT_AFTER = new Date((Math.floor(Date.now() / DAY) + 2) * DAY);

describe("lab/hetzner certificates", () => {
    let f: CloudFixture;

    before(async () => {
        f = await startCloud();
    });

    after(() => f.release());

    async function pair(name: string) {
        const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
        const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
        const certificate = await x509.X509CertificateGenerator.createSelfSigned({
            name: `CN=${name}`,
            keys,
            signingAlgorithm: algorithm,
            notBefore: new Date(NOT_AFTER.getTime() - 3 * DAY),
            notAfter: NOT_AFTER,
            extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: name }])],
        });
        const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
        return {
            certificate: certificate.toString("pem"),
            private_key: x509.PemConverter.encode(key, "PRIVATE KEY"),
        };
    }

    it("reads names and validity, refuses a foreign key, and is kept while used", async () => {
        const own = await pair("console.example");
        const other = await pair("other.example");
        const body = { name: "tls", type: "uploaded" };
        await f.api.refused(
            "POST",
            "/certificates",
            { ...body, ...own, private_key: other.private_key },
            {
                status: 422,
                code: "invalid_input",
                message: "invalid input in field 'private_key'",
                fields: [{ name: "private_key", messages: ["does not belong to the certificate"] }],
            },
        );
        const { certificate } = await f.api.done("POST", "/certificates", { ...body, ...own });
        assert.deepEqual(
            [certificate?.domain_names, certificate?.not_valid_after, certificate?.used_by],
            [["console.example"], NOT_AFTER.toISOString(), []],
        );
        assert.equal(JSON.stringify(certificate).includes("PRIVATE KEY"), false);
        const id = Number(certificate?.id);
        await f.api.done("POST", "/load_balancers", {
            name: "lb",
            load_balancer_type: "lb11",
            location: "fsn1",
            services: [{ protocol: "https", http: { certificates: [id] } }],
        });
        await f.api.refused("DELETE", `/certificates/${id}`, undefined, {
            status: 422,
            code: "resource_in_use",
            message: `certificate with ID ${id} is still in use`,
        });
        await f.api.refused(
            "POST",
            `/certificates/${id}/actions/retry`,
            {},
            {
                status: 422,
                code: "unsupported_error",
                message: "certificate not retryable",
            },
        );
    });
});
