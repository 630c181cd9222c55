import { z } from "zod";
import { DynadotRefusal } from "./accountState.ts";
import type { HostedRecord, HostedSubRecord } from "./accountState.ts";
import type { DnssecWrite } from "./delegationSigners.ts";
import type { RecordWrite } from "./hostedRecords.ts";
import type { DynadotSwitches } from "./switches.ts";

const text = z.union([z.string(), z.number()]).transform(String);
const mainRecord = z.object({
    record_type: z.string().default(""),
    record_value1: text.optional(),
    record_value2: text.optional(),
});
const subRecord = mainRecord.extend({ sub_host: z.string() });
const recordsBody = z.object({
    dns_main_list: z.array(mainRecord).default([]),
    dns_sub_list: z.array(subRecord).default([]),
    sub_list: z.array(subRecord).default([]),
    ttl: text.pipe(z.string().regex(/^\d{1,6}$/)).optional(),
    add_dns_to_current_setting: z.union([z.boolean(), text]).optional(),
});
const nameServersBody = z.object({ nameserver_list: z.array(z.string()) });
const addressesBody = z.object({ ip_list: z.array(z.string()) });
const hostBody = z.object({
    nameserver: z.object({
        server_name: z.string().optional(),
        name_server: z.string().optional(),
        ip: z.string(),
    }),
});
const dnssecBody = z.object({
    key_tag: text.optional(),
    digest_type: text.optional(),
    digest: z.string().optional(),
    algorithm: text.optional(),
    flags: text.optional(),
    public_key: z.string().optional(),
});

function parse<T>(schema: z.ZodType<T>, body: Buffer): T {
    let json: unknown;
    try {
        json = JSON.parse(body.toString("utf8"));
    } catch {
        throw new DynadotRefusal("the request body is not valid json");
    }
    const result = schema.safeParse(json);
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    throw new DynadotRefusal(`invalid ${issue?.path.join(".") ?? "body"}`);
}

function record(r: z.output<typeof mainRecord>): HostedRecord {
    if (r.record_value1 === undefined)
        throw new DynadotRefusal("if record_type is entered, record_value1 must be entered");
    const value2 = r.record_value2 ?? "";
    return {
        type: r.record_type.toLowerCase(),
        value: r.record_value1,
        ...(value2 === "" ? {} : { value2 }),
    };
}

/** Body of POST and DELETE on `/domains/{domain}/records`. */
export function recordsOf(body: Buffer, switches: DynadotSwitches): RecordWrite {
    const parsed = parse(recordsBody, body);
    const subs: HostedSubRecord[] = [
        ...(switches.subList === "sub_list" ? [] : parsed.dns_sub_list),
        ...(switches.subList === "dns_sub_list" ? [] : parsed.sub_list),
    ].map((r) => ({ subhost: r.sub_host.toLowerCase(), ...record(r) }));
    const mode = parsed.add_dns_to_current_setting;
    return {
        main: parsed.dns_main_list.map(record),
        sub: subs,
        ttl: parsed.ttl === undefined ? undefined : Number(parsed.ttl),
        append:
            mode === true ||
            mode === "1" ||
            mode === "true" ||
            (switches.appendByYes && mode === "yes"),
    };
}

/** Body of PUT on `/domains/{domain}/nameservers`. */
export function nameServersOf(body: Buffer): string[] {
    return parse(nameServersBody, body).nameserver_list;
}

/** Body of PUT on `/nameservers/{host}/set_ip`. */
export function addressesOf(body: Buffer): string[] {
    return parse(addressesBody, body).ip_list;
}

/** Body of POST on `/nameservers/register`. */
export function hostOf(body: Buffer): { readonly name: string; readonly ip: string } {
    const { server_name, name_server, ip } = parse(hostBody, body).nameserver;
    const name = server_name ?? name_server;
    if (name === undefined) throw new DynadotRefusal("missing server_name");
    return { name, ip };
}

/** Body of PUT on `/domains/{domain}/dnssec`. */
export function dnssecOf(body: Buffer): DnssecWrite {
    const parsed = parse(dnssecBody, body);
    return {
        keyTag: parsed.key_tag,
        digestType: parsed.digest_type,
        digest: parsed.digest,
        algorithm: parsed.algorithm,
        flags: parsed.flags,
        publicKey: parsed.public_key,
    };
}
