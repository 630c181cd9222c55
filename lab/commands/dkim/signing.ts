import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";
import { dkimName, dkimValue } from "../../../components/mail/dkim.ts";
import { MAIL_SECRETS } from "../../../components/mail/stalwartValues.ts";
import { NAMESPACES } from "../../../components/names.ts";
import type { DkimSelectorConfig } from "../../../config/model.ts";
import { queryServer } from "../../../provider/dns/lookup/query.ts";
import type { DnsServer } from "../../../provider/dns/lookup/query.ts";
import type { SelectorLife } from "../../../provider/mail/selectorLife.ts";
import type { PulumiCli } from "../../pulumiCli.ts";
import { readState } from "../stackState.ts";

/** Where a rotation is looked at. */
export interface MailDomain {
    readonly fqdn: string;
    /** Every authoritative name server of the zone. */
    readonly nameServers: readonly DnsServer[];
    /** Administrator's kubeconfig. */
    readonly kubeconfig: string;
}

/** A selector as the world sees it. */
export interface SelectorSight {
    readonly selector: string;
    /** What each name server answers, in the order of the servers; undefined for no record. */
    readonly published: readonly (string | undefined)[];
    /** Value that belongs to the private key which the mail server has; undefined where it has none and does not sign. */
    readonly signsWith: string | undefined;
}

const livesSchema = z.object({ lives: z.array(z.custom<SelectorLife>()) });

/** What the provider knows of the selectors; empty before the first update. */
export async function selectorLives(
    stack: Pick<PulumiCli, "run">,
): Promise<readonly SelectorLife[]> {
    const { resources } = await readState(stack);
    const found = resources.find(({ type }) => type === "sovereign:mail:DkimSelectors");
    return found === undefined ? [] : livesSchema.parse(found.outputs).lives;
}

/** Looks at each selector at every name server, and in the Secret that the mail server signs from. */
export async function lookAtSelectors(
    domain: MailDomain,
    selectors: readonly string[],
    signal: AbortSignal,
): Promise<SelectorSight[]> {
    const keys = await signingKeys(domain.kubeconfig);
    const all = [...new Set([...selectors, ...keys.keys()])].sort();
    return await Promise.all(
        all.map(async (selector) => {
            const pem = keys.get(selector);
            return {
                selector,
                published: await Promise.all(
                    domain.nameServers.map((server) =>
                        valueAt(server, dkimName(selector, domain.fqdn), signal),
                    ),
                ),
                signsWith: pem === undefined ? undefined : dkimValue(algorithmOf(pem), pem),
            };
        }),
    );
}

/** What would make a signature fail at a receiver, in words: a key that signs and is not published as it is, everywhere. */
export function unverifiable(sights: readonly SelectorSight[]): string[] {
    return sights.flatMap(({ selector, published, signsWith }) =>
        signsWith === undefined
            ? []
            : published.flatMap((value, i) =>
                  value === signsWith
                      ? []
                      : [
                            `${selector} signs, but name server ${i + 1} answers ${value ?? "nothing"}`,
                        ],
              ),
    );
}

/** PEM by selector, of the keys that the mail server has mounted. */
async function signingKeys(kubeconfig: string): Promise<ReadonlyMap<string, string>> {
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    const { data = {} } = await config
        .makeApiClient(CoreV1Api)
        .readNamespacedSecret({ namespace: NAMESPACES.mail, name: MAIL_SECRETS.dkim });
    return new Map(
        Object.entries(data).map(([file, pem]) => [
            file.replace(/\.pem$/, ""),
            Buffer.from(pem, "base64").toString(),
        ]),
    );
}

/** As `@pulumi/tls` writes keys: RSA in PKCS#1, Ed25519 in PKCS#8. */
function algorithmOf(pem: string): DkimSelectorConfig["algorithm"] {
    return pem.includes("RSA PRIVATE KEY") ? "rsa2048" : "ed25519";
}

async function valueAt(
    server: DnsServer,
    name: string,
    signal: AbortSignal,
): Promise<string | undefined> {
    const { answers } = await queryServer(server, name, "TXT", { recursive: false, signal });
    const [text] = answers.flatMap((answer) =>
        answer.type === "TXT" ? [[answer.data].flat().map(String).join("")] : [],
    );
    return text;
}
