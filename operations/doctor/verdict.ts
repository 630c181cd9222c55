import { authenticate, type DKIMResult } from "mailauth";
import { isAbsent, type DoctorDns } from "./dns.ts";
import { headerNames } from "./headerFields.ts";

/** What of DNS a receiver asks. */
type ReceiverDns = Pick<DoctorDns, "resolve" | "reverse">;

/** A message with what its session said. */
export interface Arrival {
    readonly message: Buffer;
    /** Address that the connection came from. */
    readonly ip: string;
    readonly ehlo: string;
    readonly mailFrom: string;
}

/** Reverse DNS of an address. */
export interface ReverseVerdict {
    readonly names: readonly string[];
    /** Whether a name leads back to the address: forward-confirmed reverse DNS. */
    readonly confirmed: boolean;
    /** Whether the name in EHLO is among the confirmed ones. */
    readonly matchesEhlo: boolean;
}

export interface SignatureVerdict {
    readonly result: string;
    readonly domain: string;
    readonly selector: string;
    readonly algorithm: string;
    /** Whether its domain is the one in From, as the domain's DMARC record demands. */
    readonly aligned: boolean;
    /** Why it does not pass. */
    readonly comment?: string;
}

/** What a large receiver thinks of a message. */
export interface Verdict {
    readonly reverse: ReverseVerdict;
    readonly spf: { readonly result: string; readonly domain: string; readonly aligned: boolean };
    readonly dkim: readonly SignatureVerdict[];
    readonly dmarc: {
        readonly result: string;
        /** What the domain asks for where it fails. */
        readonly policy: string;
        /** Whether the domain says that it is testing. */
        readonly testing: boolean;
    };
    /** How often each of the fields stands in the header that must stand there exactly once. */
    readonly fields: Readonly<Record<(typeof SINGLE_FIELDS)[number], number>>;
}

/** Header fields that receivers demand, or allow, once (RFC 5322, section 3.6). */
const SINGLE_FIELDS = ["from", "date", "message-id", "subject"] as const;

function sameName(a: string, b: string): boolean {
    return a.toLowerCase().replace(/\.$/, "") === b.toLowerCase().replace(/\.$/, "");
}

async function addresses(dns: ReceiverDns, name: string): Promise<string[]> {
    try {
        return (await dns.resolve(name, "A")) as string[];
    } catch (error) {
        if (isAbsent(error)) return [];
        throw error;
    }
}

async function judgeAddress(dns: ReceiverDns, { ip, ehlo }: Arrival): Promise<ReverseVerdict> {
    const names = await dns.reverse(ip);
    const confirmed: string[] = [];
    for (const name of names) if ((await addresses(dns, name)).includes(ip)) confirmed.push(name);
    return {
        names,
        confirmed: confirmed.length > 0,
        matchesEhlo: confirmed.some((name) => sameName(name, ehlo)),
    };
}

function judgeSignature({ status, ...signature }: DKIMResult): SignatureVerdict {
    return {
        result: status.result,
        domain: signature.signingDomain ?? "",
        selector: signature.selector ?? "",
        algorithm: signature.algo ?? "",
        aligned: Boolean(status.aligned),
        ...(status.comment !== undefined && { comment: status.comment }),
    };
}

/** A verdict, and the header fields that a receiver writes of it (RFC 8601). */
export interface Judgement {
    readonly verdict: Verdict;
    readonly headers: string;
}

/** Judges a message by PTR, SPF, DKIM and DMARC, asking DNS for all of it. */
export async function judge(dns: ReceiverDns, mta: string, arrival: Arrival): Promise<Judgement> {
    const { message, ip, ehlo, mailFrom } = arrival;
    const [reverse, { spf, dkim, dmarc, headers }] = await Promise.all([
        judgeAddress(dns, arrival),
        authenticate(message, {
            ip,
            helo: ehlo,
            sender: mailFrom,
            mta,
            resolver: (name, type) => dns.resolve(name, type),
            disableArc: true,
            disableBimi: true,
            strict: true,
        }),
    ]);
    const names = headerNames(message);
    const count = (field: string) => names.filter((name) => name === field).length;
    const verdict: Verdict = {
        reverse,
        spf: {
            result: spf ? spf.status.result : "none",
            domain: spf ? spf.domain : "",
            aligned: Boolean(dmarc && dmarc.alignment.spf.result),
        },
        dkim: dkim.results.map(judgeSignature),
        dmarc: {
            result: dmarc ? dmarc.status.result : "none",
            policy: dmarc ? dmarc.policy : "none",
            testing: dmarc ? dmarc.testMode : false,
        },
        fields: Object.fromEntries(
            SINGLE_FIELDS.map((field) => [field, count(field)]),
        ) as Verdict["fields"],
    };
    return { verdict, headers };
}
