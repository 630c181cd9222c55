import { compare } from "bcryptjs";
import type { AccountSettings, ServerSettings } from "./stalwartSettings.ts";

/** The account that a user name and password open, if any. The bare name is completed with the server's domain. */
export async function authenticate(
    settings: ServerSettings,
    username: string,
    password: string,
): Promise<AccountSettings | undefined> {
    const name = username.toLowerCase();
    const address = name.includes("@") ? name : `${name}@${settings.domain}`;
    const account = settings.accounts.find((candidate) => candidate.address === address);
    if (account?.passwordHash === undefined || password === "") return undefined;
    return (await compare(password, account.passwordHash)) ? account : undefined;
}

/** Whether an account may use an envelope sender: its own address and its aliases. */
export function maySendAs(account: AccountSettings, sender: string): boolean {
    return account.maySend && [account.address, ...account.aliases].includes(sender.toLowerCase());
}

/** Why the server refuses a recipient; undefined when it takes it. Users may write to anyone, strangers to its mailboxes only. */
export function recipientRefusal(
    settings: ServerSettings,
    recipient: string,
    authenticated: boolean,
): string | undefined {
    const address = recipient.toLowerCase();
    if (!address.endsWith(`@${settings.domain}`))
        return authenticated ? undefined : "5.1.2 Relay not allowed.";
    const known = settings.accounts.some(
        (account) => account.mayReceive && [account.address, ...account.aliases].includes(address),
    );
    return known ? undefined : "5.1.2 Mailbox does not exist.";
}

/** The MTA-STS policy as a file (RFC 8461, section 3.2). */
export function mtaStsPolicy({ mtaSts }: ServerSettings): string {
    return [
        "version: STSv1",
        `mode: ${mtaSts.mode}`,
        ...mtaSts.mx.map((host) => `mx: ${host}`),
        `max_age: ${mtaSts.maxAge}`,
        "",
    ].join("\r\n");
}
