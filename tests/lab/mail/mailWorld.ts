import { generateKeyPairSync } from "node:crypto";
import { dkimValue } from "../../../components/mail/dkim.ts";
import type { StalwartSpec } from "../../../components/mail/stalwartSpec.ts";
import { labAddresses, podAddress } from "../../../lab/addresses.ts";
import { LabDns } from "../../../lab/mail/labDns.ts";
import { MailboxProvider } from "../../../lab/mail/mailbox/mailboxProvider.ts";
import type { ReceivedMessage } from "../../../lab/mail/mailbox/receivedMail.ts";
import { Spool } from "../../../lab/mail/spool.ts";
import { spoolDirectory, stalwartStandIn } from "../../../lab/mail/stalwartStandIn.ts";
import { selfSignedCa, type KeyPair } from "../../../lab/machines/control/pki.ts";
import { PowerDns } from "../../../lab/powerdns/powerDns.ts";
import { PowerDnsApi, type RecordSet } from "../../../lab/powerdns/powerDnsApi.ts";
import { claimTestLab, type TestLab } from "../../support/labContext.ts";
import { mailSpec, mountedFiles, podView } from "./mailPod.ts";

/** Mail domain of these tests: delegated nowhere, but served by the lab's name servers, which answer for all zones. */
export const DOMAIN = "sov.example";

/** Milliseconds instead of the plan's seconds between attempts. */
const RETRY_FACTOR = 0.002;

/** The world around a mail server: DNS with the domain's records, a mailbox provider. */
export interface MailWorld {
    readonly lab: TestLab;
    readonly api: PowerDnsApi;
    /** Host of the mail server, and the public address that its mail leaves by. */
    readonly host: string;
    readonly egress: string;
    /** Where its pod listens. */
    readonly pod: string;
    readonly files: ReadonlyMap<string, string>;
    readonly spool: Spool;
    /** Certificate of the authority that vouches for the mailbox provider, PEM. */
    readonly publicAuthority: string;
    /** Another authority that the mail server trusts. */
    readonly authority: KeyPair;
    readonly messages: readonly string[];
    /** Starts a mail server; ends the one before. */
    serve(files?: ReadonlyMap<string, string>): Promise<void>;
    /** What the mailbox provider received for an address. */
    received(address: string): Promise<ReceivedMessage[]>;
    set(name: string, type: string, ...records: string[]): Promise<void>;
    stop(): Promise<void>;
}

/** A spec of the tests' domain that signs with both algorithms. */
export function worldSpec(): StalwartSpec {
    return {
        ...mailSpec(),
        fqdn: DOMAIN,
        mailHost: `mail.${DOMAIN}`,
        ehlo: `mail.${DOMAIN}`,
        mxHost: `mx.${DOMAIN}`,
        dkim: [
            { selector: "r202611", algorithm: "rsa2048", keyFile: "/dkim/r202611.pem" },
            { selector: "e202611", algorithm: "ed25519", keyFile: "/dkim/e202611.pem" },
        ],
    };
}

function keyPairs() {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const ed25519 = generateKeyPairSync("ed25519");
    const pem = { type: "spki", format: "pem" } as const;
    return {
        files: {
            "/dkim/r202611.pem": rsa.privateKey.export({ type: "pkcs1", format: "pem" }) as string,
            "/dkim/e202611.pem": ed25519.privateKey.export({
                type: "pkcs8",
                format: "pem",
            }) as string,
        },
        records: {
            r202611: dkimValue("rsa2048", rsa.publicKey.export(pem) as string),
            e202611: dkimValue("ed25519", ed25519.publicKey.export(pem) as string),
        },
    };
}

/** Text as a TXT record: strings of at most 255 bytes. */
function text(value: string): string {
    return (value.match(/.{1,255}/g) ?? []).map((part) => `"${part}"`).join(" ");
}

function recordSet(name: string, type: string, ...records: string[]): RecordSet {
    return { name: `${name}.`, type, ttl: 60, records };
}

/** Starts PowerDNS and the mailbox provider of a lab, and a mail server for {@link DOMAIN} whose DNS is in order. */
export async function startMailWorld(): Promise<MailWorld> {
    const lab = await claimTestLab();
    const { context } = lab;
    const { addresses } = context;
    const powerDns = new PowerDns(context);
    const mailbox = new MailboxProvider(context);
    const { hostRange, publicRange } = labAddresses(addresses.instance);
    const [host, egress] = [hostRange.first, publicRange.first];
    const api = new PowerDnsApi(addresses.powerdnsApi, context.credentials.powerdnsApiKey);
    const keys = keyPairs();
    const authority = await selfSignedCa("Another authority");
    const files = new Map([...(await mountedFiles(worldSpec())), ...Object.entries(keys.files)]);
    const standIn = stalwartStandIn({
        directory: context.directory,
        portOffset: addresses.portOffset,
        dns: new LabDns(addresses),
        authorities: () => [mailbox.authority, authority.certificate],
        retryFactor: RETRY_FACTOR,
        errorDelay: 0,
        log: (message) => {
            context.log("mail", message);
        },
    });
    let end: () => Promise<void> = () => Promise.resolve();
    const stop = async () => {
        await end();
        await mailbox.stop();
        await powerDns.stop();
        await lab.release();
    };
    const set = (name: string, type: string, ...records: string[]) =>
        api.change(`${DOMAIN}.`, [recordSet(name, type, ...records)]);
    const serve = async (served: ReadonlyMap<string, string> = files) => {
        await end();
        end = () => Promise.resolve();
        end = await standIn.start({ ...podView(host, served), egressAddress: egress });
    };
    try {
        await powerDns.start();
        await mailbox.start();
        await api.createZone({
            name: `${DOMAIN}.`,
            nameServers: ["ns1.openova.example."],
            dnssec: false,
            account: "test",
            soa: recordSet(
                DOMAIN,
                "SOA",
                "ns1.openova.example. hostmaster.openova.example. 1 10800 3600 604800 60",
            ),
        });
        await api.change(`${DOMAIN}.`, [
            recordSet(`mail.${DOMAIN}`, "A", egress),
            recordSet(`mail.${DOMAIN}`, "TXT", '"v=spf1 a -all"'),
            recordSet(DOMAIN, "TXT", `"v=spf1 a:mail.${DOMAIN} -all"`),
            recordSet(`_dmarc.${DOMAIN}`, "TXT", '"v=DMARC1; p=reject; adkim=s; aspf=s; psd=n"'),
            ...Object.entries(keys.records).map(([selector, value]) =>
                recordSet(`${selector}._domainkey.${DOMAIN}`, "TXT", text(value)),
            ),
        ]);
        await powerDns.reverseDns.set(egress, `mail.${DOMAIN}`);
        await serve();
    } catch (error) {
        await stop();
        throw error;
    }
    return {
        lab,
        api,
        host,
        egress,
        pod: podAddress(host),
        files,
        spool: new Spool(spoolDirectory(context.directory, "stalwart-sovereign", "stalwart-0")),
        publicAuthority: mailbox.authority,
        authority,
        messages: lab.messages,
        serve,
        received: async (address) => {
            const { host: at, port } = addresses.mailbox;
            const response = await fetch(`http://${at}:${port}/messages?to=${address}`);
            return (await response.json()) as ReceivedMessage[];
        },
        set,
        stop,
    };
}
