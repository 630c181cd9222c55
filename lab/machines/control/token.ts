import { caHash } from "./pki.ts";

/** A k3s join token, taken apart. */
export interface JoinToken {
    /** SHA-256 of the cluster's CA, hex; empty where the token carries none. */
    readonly caHash: string;
    /** `server` or `node`; empty for a bare password. */
    readonly username: string;
    readonly password: string;
}

/**
 * Takes a token apart: `K10<hash>::<user>:<password>`, or a bare password (k3s `pkg/clientaccess/token.go` `parseToken`).
 *
 * @throws Error with k3s' own words
 */
export function parseToken(token: string): JoinToken {
    if (token === "") throw new Error("token must not be empty");
    if (!token.startsWith("K10")) return { caHash: "", username: "", password: token };
    const separator = token.indexOf("::");
    const hash = separator < 0 ? "" : token.slice(3, separator);
    const credentials = separator < 0 ? token.slice(3) : token.slice(separator + 2);
    if (hash !== "" && hash.length !== 64) throw new Error("invalid token CA hash length");
    const colon = credentials.indexOf(":");
    if (colon < 0 || colon === credentials.length - 1) throw new Error("invalid token format");
    return {
        caHash: hash,
        username: credentials.slice(0, colon),
        password: credentials.slice(colon + 1),
    };
}

/** @throws Error with k3s' own words where the cluster's CA is not the one that the token speaks of */
export function checkCaHash(token: JoinToken, caBundle: string): void {
    if (token.caHash === "") return;
    const found = caHash(caBundle);
    if (found !== token.caHash)
        throw new Error(
            `token CA hash does not match the Cluster CA certificate hash: ${token.caHash} != ${found}`,
        );
}

/** What credentials at the supervisor may do. */
export type TokenRole = "server" | "agent";

/** Passwords of a cluster, as its servers know them. */
export interface ClusterPasswords {
    readonly server: string;
    /** Unless given, agents use the server's. */
    readonly agent?: string;
}

/** The role of a user with a password, or `undefined` where either is wrong (k3s `pkg/server/auth.go`). */
export function roleOf(
    passwords: ClusterPasswords,
    username: string,
    password: string,
): TokenRole | undefined {
    if (username === "server" && password === passwords.server) return "server";
    if (username === "node" && password === (passwords.agent ?? passwords.server)) return "agent";
    return undefined;
}
