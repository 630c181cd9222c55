/** Name of the pull Secret that the platform's pods ask for. */
export const PULL_SECRET = "ghcr-pull-secret";

/** Content of a Secret of type `kubernetes.io/dockerconfigjson`. */
export function dockerConfigJson(registry: string, username: string, token: string): string {
    const auth = Buffer.from(`${username}:${token}`).toString("base64");
    return JSON.stringify({ auths: { [registry]: { username, password: token, auth } } });
}

/** Registry host of an image reference; Docker Hub's where it names none (distribution's reference grammar). */
export function registryOf(image: string): string {
    const [first = "", ...rest] = image.split("/");
    return rest.length > 0 && (/[.:]/.test(first) || first === "localhost") ? first : "docker.io";
}
