// Proves the outside of API3 as its documentation shows it: HTTP status, keys, unknown commands, codes, JSON and XML. Does not
// prove the text of refusals of which no captured reply is known.
import assert from "node:assert/strict";
import { startEmulator } from "./emulator.ts";
import type { Emulator } from "./emulator.ts";

const POOL = "omani-dynadot.example";
const OWN = "omantel.example";

const error = (root: string, message: string) => ({
    [`${root}Response`]: { ResponseCode: "-1", Status: "error", Error: message },
});

describe("Dynadot API3", () => {
    let emulator: Emulator;
    const api3: Emulator["api3"] = (command, parameters) => emulator.api3(command, parameters);

    beforeEach(async () => {
        emulator = await startEmulator();
    });
    afterEach(async () => {
        await emulator.release();
    });

    it("answers 200 to everything, and knows no other key, command or domain", async () => {
        const asked = async (query: string) => {
            const response = await fetch(`${emulator.url}/api3.json?${query}`);
            return { status: response.status, body: await response.json() };
        };
        const invalid = { Response: { ResponseCode: "-1", Error: "invalid key" } };
        assert.deepEqual(await asked("command=server_list"), { status: 200, body: invalid });
        assert.deepEqual(await asked("command=server_list&key=x"), { status: 200, body: invalid });
        assert.deepEqual(await api3("no_such_thing"), {
            Response: { ResponseCode: "-1", Error: "unknown command" },
        });
        assert.deepEqual(
            await api3("get_dns", { domain: "foreign.example" }),
            error("GetDns", "could not find domain in your account"),
        );
        assert.deepEqual(await api3("get_dns"), error("GetDns", "missing domain"));
    });

    it("has success codes as text or as numbers, by its switch", async () => {
        const code = async (command: string, parameters: Record<string, string>) => {
            const answer = (await api3(command, parameters)) as Record<
                string,
                { ResponseCode: unknown }
            >;
            return Object.values(answer)[0]?.ResponseCode;
        };
        const parking = () => code("set_parking", { domain: OWN });
        const list = () => code("server_list", {});
        assert.deepEqual([await parking(), await list()], ["0", 0]);
        emulator.dynadot.setSwitches({ successCode: "number" });
        assert.deepEqual([await parking(), await list()], [0, 0]);
        emulator.dynadot.setSwitches({ successCode: "string" });
        assert.deepEqual([await parking(), await list()], ["0", "0"]);
    });

    it("speaks XML with a header of its own", async () => {
        await api3("add_ns", { host: "ns1.openova.example" });
        await api3("set_ns", { domain: OWN, ns0: "ns1.openova.example" });
        const xml = async (query: string) => {
            const response = await fetch(`${emulator.url}/api3.xml?${query}`);
            assert.match(response.headers.get("content-type") ?? "", /^application\/xml/);
            return response.text();
        };
        const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
        assert.equal(
            await xml(`key=lab-dynadot-key&command=get_ns&domain=${OWN}`),
            `${head}<GetNsResponse><GetNsHeader><SuccessCode>0</SuccessCode><Status>success</Status></GetNsHeader><NsContent><Host>ns1.openova.example</Host></NsContent></GetNsResponse>\n`,
        );
        assert.equal(
            await xml("key=lab-dynadot-key&command=get_ns&domain=a%26b"),
            `${head}<GetNsResponse><GetNsHeader><SuccessCode>-1</SuccessCode><Status>error</Status><Error>could not find domain in your account</Error></GetNsHeader></GetNsResponse>\n`,
        );
        assert.match(
            await xml(`key=lab-dynadot-key&command=get_dns&domain=${POOL}`),
            /<MainDomains><MainDomain><RecordType>A<\/RecordType><Value>192\.0\.2\.80<\/Value><\/MainDomain>/,
        );
        assert.match(await xml("key=no&command=get_ns"), /<Error>invalid key<\/Error>/);
    });
});
