import { execa } from "execa";
import type { LabContext } from "../../../lab/parts.ts";
import { testToolchain } from "../../support/toolchain.ts";

/** A TSIG key as nsupdate takes it. */
export interface UpdateKey {
    readonly name: string;
    /** Base64. */
    readonly secret: string;
}

/**
 * Sends one dynamic update with nsupdate(1): adds a record `name ttl type content` to a zone. Resolves to `accepted`, or to what the server
 * answered, for example `REFUSED`.
 */
export async function dynamicUpdate(
    { addresses }: LabContext,
    zone: string,
    record: string,
    key?: UpdateKey,
): Promise<string> {
    const { path } = await testToolchain();
    const { exitCode, stderr, all } = await execa("nsupdate", key ? ["-y", keyArgument(key)] : [], {
        input: [
            `server ${addresses.nameServers[0]} ${addresses.dnsPort}`,
            `zone ${zone}`,
            `update add ${record}`,
            "send",
            "",
        ].join("\n"),
        env: { PATH: [...path, process.env.PATH].join(":") },
        all: true,
        reject: false,
    });
    if (exitCode === 0) return "accepted";
    const answer = /update failed: (\w+)/.exec(stderr)?.[1];
    if (answer === undefined) throw new Error(`nsupdate ended with ${exitCode}: ${all}`);
    return answer;
}

function keyArgument({ name, secret }: UpdateKey): string {
    return `hmac-sha256:${name}:${secret}`;
}
