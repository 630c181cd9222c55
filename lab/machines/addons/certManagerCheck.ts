import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { CustomObjectsApi, KubeConfig } from "@kubernetes/client-node";
import { Pkcs10CertificateRequestGenerator } from "@peculiar/x509";
import { describe } from "../kubelet/client.ts";

/** Milliseconds that the check waits (`startupapicheck.timeout` of the chart). */
const TIMEOUT = 60_000;

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/**
 * What the chart's check after its installation does (`startupapicheck check api`): asks the API, and through it the webhook, until a request
 * for a certificate would be taken. Throws where that takes too long.
 *
 * @param kubeconfig - of the check's ServiceAccount
 */
export async function untilRequestsAreTaken(kubeconfig: string, namespace: string): Promise<void> {
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    const custom = config.makeApiClient(CustomObjectsApi);
    const body = {
        apiVersion: "cert-manager.io/v1",
        kind: "CertificateRequest",
        metadata: { generateName: "cmapichecker-" },
        spec: { request: await certificateRequest(), issuerRef: { name: "cmapichecker" } },
    };
    const deadline = Date.now() + TIMEOUT;
    for (;;) {
        try {
            await custom.createNamespacedCustomObject({
                group: "cert-manager.io",
                version: "v1",
                plural: "certificaterequests",
                namespace,
                dryRun: "All",
                body,
            });
            return;
        } catch (error) {
            if (Date.now() >= deadline)
                throw new Error(`Not ready: ${describe(error)}`, { cause: error });
        }
        await delay(100);
    }
}

/** A PKCS #10 request in PEM, base64: the webhook reads it. */
async function certificateRequest(): Promise<string> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    const request = await Pkcs10CertificateRequestGenerator.create({
        name: "CN=cmapichecker",
        keys,
        signingAlgorithm: ALGORITHM,
    });
    return Buffer.from(`${request.toString("pem")}\n`).toString("base64");
}
