import type { PowerDnsClient } from "./powerdns/client.ts";
import { Refusal } from "./recordSetDecisions.ts";

/** 5.1 and newer take LUA records over the API only with it (https://doc.powerdns.com/authoritative/settings.html); older ones do not know it. */
const SETTING = "enable-lua-record-updates";

/** Refuses a LUA record set where the server would not take it, before anything is written. */
export async function checkLuaUpdates(
    client: Pick<PowerDnsClient, "setting">,
    { name, type }: { readonly name: string; readonly type: string },
    signal: AbortSignal,
): Promise<void> {
    if (type !== "LUA") return;
    if ((await client.setting(SETTING, signal)) !== "no") return;
    throw new Refusal(
        `the record set ${name} LUA cannot be written: this PowerDNS takes no LUA records over its API. ` +
            `Set \`${SETTING}=yes\` (and \`enable-lua-records=yes\`, or it serves none) in its pdns.conf and restart it, or use plain addresses`,
    );
}
