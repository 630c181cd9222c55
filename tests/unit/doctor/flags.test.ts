// Proves how the doctor's flags are read: defaults, what they override, and what is refused in which words. Does not prove that
// what they say is then done.
import assert from "node:assert/strict";
import { doctorFlags, FlagError } from "../../../operations/doctor/flags.ts";

describe("the doctor's flags", () => {
    it("ask Spamhaus, and the stack that nobody has named", () => {
        assert.deepEqual(doctorFlags([]), {
            json: false,
            only: [],
            connect: { addressLists: ["zen.spamhaus.org"], nameLists: ["dbl.spamhaus.org"] },
        });
    });

    it("say where everything is reached", () => {
        const line =
            "--stack prod --json --only way-out --only queue --name-server 198.51.100.53 --name-server [2001:db8::53]:5353 " +
            "--dns-port 5300 --resolver 127.0.0.1:53 --port 25=2525 --port 443=8443 --submission localhost:1587 --http localhost:18080 " +
            "--address-list zen.lists.example --witness a@mailbox.example --witness-url http://localhost:1/ --timeout 3 --arrival 20 --probe";
        assert.deepEqual(doctorFlags(line.split(" ")), {
            stack: "prod",
            json: true,
            only: ["way-out", "queue"],
            connect: {
                nameServers: ["198.51.100.53", "[2001:db8::53]:5353"],
                dnsPort: 5300,
                resolvers: ["127.0.0.1:53"],
                ports: new Map([
                    [25, 2525],
                    [443, 8443],
                ]),
                submission: { host: "localhost", port: 1587 },
                http: { host: "localhost", port: 18080 },
                addressLists: ["zen.lists.example"],
                nameLists: [],
                witness: { address: "a@mailbox.example", url: "http://localhost:1/" },
                timeout: 3000,
                arrival: 20_000,
                probe: true,
            },
        });
    });

    it("take a mailbox of one's own, its password from the environment", () => {
        const line = ["--seed-mailbox", "a@b.example", "--seed-host", "imap.b.example"];
        assert.deepEqual(doctorFlags(line, {}, { DOCTOR_SEED_PASSWORD: "x" }).connect, {
            seed: { address: "a@b.example", host: "imap.b.example", password: "x" },
        });
        assert.throws(() => doctorFlags(line, {}, {}), {
            message: "DOCTOR_SEED_PASSWORD is not set: export it with the password of a@b.example",
        });
    });

    it("leave the defaults of a lab where they say nothing", () => {
        const defaults = { dnsPort: 20053, resolvers: ["127.64.0.2:20053"] };
        assert.deepEqual(doctorFlags(["--no-blocklists", "--resolver", "::1"], defaults).connect, {
            dnsPort: 20053,
            resolvers: ["::1"],
            addressLists: [],
            nameLists: [],
        });
    });

    for (const [line, message] of [
        ["--only nothing", /option '--only <id>' argument 'nothing' is invalid\. there are host-/],
        ["--port 25", /argument '25' is invalid\. it is <port>=<port>\./],
        ["--submission localhost", /argument 'localhost' is invalid\. it is <host>:<port>\./],
        ["--timeout soon", /argument 'soon' is invalid\. it is whole seconds\./],
        ["--witness a@mailbox.example", /^--witness and --witness-url belong together$/],
        ["--authority /no/such", /^--authority: \/no\/such holds no certificate \(PEM\)$/],
        ["--loud", /unknown option '--loud'/],
        ["omantel", /^too many arguments\. /],
    ] as const)
        it(`refuse ${line}`, () => {
            assert.throws(
                () => doctorFlags(line.split(" ")),
                (error: unknown) => error instanceof FlagError && message.test(error.message),
            );
        });
});
