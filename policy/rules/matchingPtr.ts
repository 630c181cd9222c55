import ipaddr from "ipaddr.js";
import { z } from "zod";
import { ofType, STACK } from "../engine/resource.ts";
import type { Resource } from "../engine/resource.ts";
import { NotApplicable, rule } from "../engine/rule.ts";
import type { Finding } from "../engine/rule.ts";
import { properties, text } from "../engine/values.ts";
import type { Value } from "../engine/values.ts";
import { TYPES } from "./types.ts";
import { dnsName, recordSets } from "./zoneView.ts";
import type { RecordSetView } from "./zoneView.ts";

/** Name that mail servers of the stack say in EHLO: the output `mail.host`. */
function ehloName(resources: readonly Resource[]): string | undefined {
    const [stack] = ofType(resources, STACK);
    const name = text(properties(stack?.props.mail).host);
    return name === undefined ? undefined : dnsName(name);
}

/** Providers write what is not given as null or 0. */
function isGiven(id: Value | undefined): boolean {
    return id !== undefined && id !== null && id !== 0;
}

function sameAddress(a: string, b: string): boolean {
    return (
        ipaddr.isValid(a) &&
        ipaddr.isValid(b) &&
        ipaddr.parse(a).toNormalizedString() === ipaddr.parse(b).toNormalizedString()
    );
}

/** Whether the name leads back to the address; undefined where that is not known yet. */
function confirms(
    sets: readonly RecordSetView[],
    name: string,
    address: string | undefined,
): boolean | undefined {
    const type = address?.includes(":") === true ? ["AAAA"] : address ? ["A"] : ["A", "AAAA"];
    const found = sets.filter((set) => set.name === name && type.includes(set.type));
    if (found.length === 0) return false;
    if (address === undefined || found.some(({ open }) => open)) return undefined;
    return found.some(({ records }) => records.some((record) => sameAddress(record, address)));
}

/** Addresses that mail leaves from and that resolve back to nothing; none while some pointer's address is not known yet. */
function unnamed(
    sets: readonly RecordSetView[],
    ehlo: string | undefined,
    pointers: readonly Resource[],
): Finding[] {
    const named = pointers.map(({ props }) => text(props.ipAddress));
    if (named.includes(undefined)) return [];
    return sets
        .filter(({ name, type }) => name === ehlo && (type === "A" || type === "AAAA"))
        .flatMap(({ urn, records }) =>
            records
                .filter((record) => !named.some((address) => sameAddress(address ?? "", record)))
                .map((record) => ({
                    urn,
                    message: `${record} is an address of ${ehlo ?? ""} and resolves back to nothing of this stack: set its reverse DNS to ${ehlo ?? ""}`,
                })),
        );
}

/** Forward-confirmed reverse DNS: without it the big receivers refuse mail. */
export const matchingPtr = rule({
    name: "matching-ptr",
    description:
        "Addresses of servers resolve back to the name that mail says in EHLO, and that name to them.",
    severity: "critical",
    config: z.object({}),
    stack(resources) {
        const pointers = ofType(resources, TYPES.rdns);
        if (pointers.length === 0) return new NotApplicable("the stack has no reverse DNS");
        const sets = recordSets(resources);
        const ehlo = ehloName(resources);
        const wrong = pointers.flatMap(({ urn, props }): Finding[] => {
            const name = text(props.dnsPtr);
            if (name === undefined) return [];
            const address = text(props.ipAddress);
            const ofServer = isGiven(props.primaryIpId) || isGiven(props.serverId);
            const what = address ?? "the address";
            const problems: string[] = [];
            if (ofServer && ehlo !== undefined && dnsName(name) !== ehlo)
                problems.push(
                    `${what} resolves back to ${name}, but mail from it says EHLO ${ehlo}: set dnsPtr to ${ehlo}`,
                );
            if (confirms(sets, dnsName(name), address) === false)
                problems.push(
                    `${what} resolves back to ${name}, which has no ${address?.includes(":") === true ? "AAAA" : "A"} record with that address: publish one`,
                );
            return problems.map((message) => ({ urn, message }));
        });
        return [...wrong, ...unnamed(sets, ehlo, pointers)];
    },
});
