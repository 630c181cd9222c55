import { z } from "zod";
import type { LabAddresses } from "../../addresses.ts";
import { readJson } from "./readJson.ts";

const accountSchema = z.object({
    domains: z.array(
        z.looseObject({
            name: z.string(),
            nameServers: z.array(z.string()),
            ds: z.array(z.unknown()),
            hosted: z.looseObject({
                sub: z.array(z.looseObject({ subhost: z.string(), type: z.string() })),
            }),
        }),
    ),
    hosts: z.array(z.looseObject({ name: z.string(), addresses: z.array(z.string()) })),
});

/** What the emulated registrar remembers of the Sovereign: its delegation, DS and host records, or records in a pool domain. */
export async function dynadotRemains(
    { dynadot }: Pick<LabAddresses, "dynadot">,
    fqdn: string,
): Promise<string[]> {
    const url = `http://${dynadot.host}:${dynadot.port}/_lab/account`;
    const { domains, hosts } = accountSchema.parse(await readJson(url));
    const ours = (name: string) => name === fqdn || name.endsWith(`.${fqdn}`);
    const found: string[] = [];
    for (const { name, nameServers, ds, hosted } of domains) {
        const servers = nameServers.filter(ours);
        if (servers.length > 0)
            found.push(`Dynadot name servers of ${name}: ${servers.join(", ")}`);
        if (name === fqdn && ds.length > 0)
            found.push(`Dynadot DS records of ${name}: ${ds.length}`);
        for (const { subhost, type } of hosted.sub)
            if (name !== fqdn && ours(`${subhost}.${name}`))
                found.push(`Dynadot record ${subhost}.${name} ${type}`);
    }
    for (const { name, addresses } of hosts)
        if (ours(name) && addresses.length > 0) found.push(`Dynadot host record ${name}`);
    return found;
}
