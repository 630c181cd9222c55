/** Name of the pull Secret that the platform's pods ask for. */
export const PULL_SECRET = "ghcr-pull-secret";

/** Content of a Secret of type `kubernetes.io/dockerconfigjson`. */
export function dockerConfigJson(registry: string, username: string, token: string): string {
    const auth = Buffer.from(`${username}:${token}`).toString("base64");
    return JSON.stringify({ auths: { [registry]: { username, password: token, auth } } });
}
