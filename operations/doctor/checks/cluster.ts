import { filesDigest } from "../../../components/mail/stalwartPlan.ts";
import { MAIL_SECRETS } from "../../../components/mail/stalwartValues.ts";
import { type Check, NotSeen } from "../check.ts";
import { compareSet } from "./publication.ts";

/** Value of a counter in Prometheus' text format; 0 where it never counted. */
export function counter(metrics: string, name: string): number {
    const line = metrics.split("\n").find((text) => text.startsWith(`${name} `));
    return Number(line?.split(" ")[1] ?? 0);
}

export const queue: Check = {
    number: 22,
    id: "queue",
    title: "mail that leaves is delivered, not given up",
    severity: "advised",
    vantage: "pod",
    remedy: "Look at the log of the pod stalwart-0 for the receivers' replies; docs/mail.md lists their codes and what to do.",
    async run({ network }) {
        const { http } = network;
        if (http === undefined)
            throw new NotSeen("the server's metrics are open in the cluster only");
        const response = await fetch(`http://${http.host}:${http.port}/metrics/prometheus`, {
            signal: AbortSignal.timeout(network.timeout),
        }).catch((cause: unknown) => {
            throw new NotSeen("the server's metrics cannot be reached", cause);
        });
        if (!response.ok) throw new NotSeen(`the server's metrics answer ${response.status}`);
        const text = await response.text();
        const [delivered, deferred, failed] = [
            "delivery_delivered",
            "delivery_dsn_temp_fail",
            "delivery_dsn_perm_fail",
        ].map((name) => counter(text, name));
        return {
            evidence: `since its start: ${delivered} delivered, ${deferred} deferred, ${failed} given up`,
            problems: failed === 0 ? [] : [`${failed} messages were given up`],
        };
    },
};

export const drift: Check = {
    number: 23,
    id: "drift",
    title: "the server runs the stack's plan and keys, and the zone holds the stack's records",
    severity: "advised",
    vantage: "outside",
    remedy: "Run pulumi up --refresh; delete the pod stalwart-0 if only its annotations are old.",
    async run(examination) {
        const { cluster, subject } = examination;
        const unreachable = (cause: unknown) => {
            throw new NotSeen("the cluster cannot be asked for the server's plan", cause);
        };
        const annotations = (await cluster.mailPod().catch(unreachable))?.annotations;
        const problems: string[] = [];
        if (annotations === undefined) problems.push("the pod stalwart-0 does not exist");
        for (const key of ["plan", "dkim", "tls"] as const) {
            const secret = await cluster.mailSecret(MAIL_SECRETS[key]).catch(unreachable);
            const started = annotations?.[`checksum/${key}`];
            if (secret === undefined) problems.push(`Secret ${MAIL_SECRETS[key]} does not exist`);
            else if (
                started !== undefined &&
                !secret.issued &&
                started !== filesDigest(secret.files)
            )
                problems.push(`the pod was started with another ${key} than its Secret holds`);
        }
        const { records } = subject.dns;
        for (const { name, type } of records)
            problems.push(...(await compareSet(examination, name, type)).problems);
        return { evidence: `plan, keys, certificate and ${records.length} record sets`, problems };
    },
};
