import { createHash } from "node:crypto";
import pRetry from "p-retry";
import { z } from "zod";
import { manifestLocation } from "./ociReference.ts";
import type { ManifestLocation } from "./ociReference.ts";
import { registryChallenge } from "./registryChallenge.ts";

/** What Helm asks for when it pulls. */
const ACCEPT = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
].join(", ");

/** Milliseconds for one answer. */
const TIMEOUT = 30_000;

/** Login at the chart's own registry. */
export interface RegistryLogin {
    readonly username: string;
    readonly token: string;
}

export interface ManifestDigestOptions {
    /** Shown to the chart's registry alone. Undefined: asks as anybody. */
    readonly login?: RegistryLogin | undefined;
    readonly signal: AbortSignal;
}

/** The registry answered, but not with the manifest. */
export class ManifestRefused extends Error {
    readonly status: number;

    constructor(status: number, message: string) {
        super(message);
        this.name = "ManifestRefused";
        this.status = status;
    }
}

const tokenAnswer = z.union([
    z.object({ token: z.string().min(1) }).transform(({ token }) => token),
    z.object({ access_token: z.string().min(1) }).transform(({ access_token: token }) => token),
]);

/**
 * Digest of what a registry has under a chart's version: of the bytes that it answers with, not of what it says that they are.
 *
 * @param chart - `oci://<host>[:<port>]/<repository>`
 * @returns `sha256:<64 hex digits>`
 * @throws {@link ManifestRefused}; Error where the registry cannot be reached. Neither holds a credential.
 */
export async function manifestDigest(
    chart: string,
    version: string,
    { login, signal }: ManifestDigestOptions,
): Promise<string> {
    const location = manifestLocation(chart, version);
    const accept = { accept: ACCEPT };
    let answer = await get(location.url, accept, signal);
    if (answer.status === 401) {
        const authorization = await authorizationFor(location, answer.challenge, login, signal);
        if (authorization !== undefined)
            answer = await get(location.url, { ...accept, authorization }, signal);
    }
    if (answer.status !== 200)
        throw new ManifestRefused(
            answer.status,
            `${location.url.href} was answered with ${answer.status}`,
        );
    return `sha256:${createHash("sha256").update(answer.body).digest("hex")}`;
}

interface Answer {
    readonly status: number;
    readonly challenge: string | null;
    readonly body: Buffer;
}

/** Follows no redirect: it would lead to a host that nobody configured. Repeats what passes by itself. */
async function get(
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
): Promise<Answer> {
    return await pRetry(
        async () => {
            const response = await fetch(url, {
                headers,
                redirect: "manual",
                signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
            }).catch((cause: unknown) => {
                throw new Error(`${url.origin} cannot be reached`, { cause });
            });
            const { status } = response;
            if (status === 429 || status >= 500)
                throw new Error(`${url.origin}${url.pathname} was answered with ${status}`);
            const body = Buffer.from(await response.arrayBuffer());
            return { status, challenge: response.headers.get("www-authenticate"), body };
        },
        { retries: 3, minTimeout: 500, maxTimeout: 5_000, randomize: true, signal },
    );
}

/** The header that a registry's challenge asks for; undefined where there is no answer to it. */
async function authorizationFor(
    { registry, repository }: ManifestLocation,
    header: string | null,
    login: RegistryLogin | undefined,
    signal: AbortSignal,
): Promise<string | undefined> {
    const challenge = registryChallenge(header);
    const basic =
        login &&
        `Basic ${Buffer.from(`${login.username}:${login.token}`, "utf8").toString("base64")}`;
    if (challenge?.scheme !== "bearer") return challenge && basic;
    const realm = URL.parse(challenge.realm);
    if (realm === null || (realm.protocol !== "https:" && realm.origin !== registry.origin))
        throw new Error(
            `${registry.origin} sends for a token to ${JSON.stringify(challenge.realm)}, which is no https URL`,
        );
    realm.searchParams.set("scope", `repository:${repository}:pull`);
    if (challenge.service !== undefined) realm.searchParams.set("service", challenge.service);
    const isOwn = realm.origin === registry.origin;
    const { status, body } = await get(
        realm,
        isOwn && basic !== undefined ? { authorization: basic } : {},
        signal,
    );
    if (status !== 200)
        throw new ManifestRefused(
            status,
            `${realm.origin}${realm.pathname}, where ${registry.host} sends for a token, answered ${status}` +
                (!isOwn && basic !== undefined
                    ? `; the login of ${registry.host} is not shown to another host`
                    : ""),
        );
    return `Bearer ${tokenOf(body, realm)}`;
}

function tokenOf(body: Buffer, realm: URL): string {
    const parsed = tokenAnswer.safeParse(jsonOf(body));
    if (!parsed.success)
        throw new Error(`${realm.origin}${realm.pathname} answered without a token`);
    return parsed.data;
}

function jsonOf(body: Buffer): unknown {
    try {
        return JSON.parse(body.toString("utf8"));
    } catch {
        return undefined;
    }
}
