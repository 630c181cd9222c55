import { X509Certificate, createPrivateKey } from "node:crypto";
import { z } from "zod";
import { ApiError, invalidField } from "../errors.ts";
import type { Cloud } from "../cloud.ts";
import { type Route, created, field, readBody } from "../http/route.ts";
import { checkUnique, find } from "../state/lookup.ts";
import type { CertificateRecord, ProjectState } from "../state/model.ts";
import { collectionRoutes } from "./collection.ts";

const createBody = z.discriminatedUnion("type", [
    z.object({
        type: z.literal("uploaded"),
        name: field.name,
        certificate: z.string(),
        private_key: z.string().max(5_000),
        labels: field.labels,
    }),
    z.object({
        type: z.literal("managed"),
        name: field.name,
        domain_names: z.array(z.string()).min(1),
        labels: field.labels,
    }),
]);

function usersOf(project: ProjectState, id: number) {
    return project.load_balancers
        .filter((balancer) =>
            balancer.services.some((service) => service.http?.certificates.includes(id)),
        )
        .map((balancer) => ({ id: balancer.id, type: "load_balancer" }));
}

function view(project: ProjectState, certificate: CertificateRecord) {
    return {
        id: certificate.id,
        name: certificate.name,
        labels: certificate.labels,
        type: certificate.type,
        certificate: certificate.certificate,
        created: certificate.created,
        not_valid_before: certificate.notValidBefore,
        not_valid_after: certificate.notValidAfter,
        domain_names: certificate.domainNames,
        fingerprint: certificate.fingerprint,
        // A managed certificate can't be issued: no certificate authority reaches the lab.
        status:
            certificate.type === "managed"
                ? { issuance: "pending", renewal: "unavailable", error: null }
                : null,
        used_by: usersOf(project, certificate.id),
    };
}

function parseCertificate(pem: string, key: string) {
    let parsed: X509Certificate;
    try {
        parsed = new X509Certificate(pem);
    } catch {
        throw invalidField("certificate", "not a PEM certificate");
    }
    try {
        if (!parsed.checkPrivateKey(createPrivateKey(key)))
            throw invalidField("private_key", "does not belong to the certificate");
    } catch (error) {
        if (error instanceof ApiError) throw error;
        throw invalidField("private_key", "not a PEM private key");
    }
    const names = [...(parsed.subjectAltName ?? "").matchAll(/DNS:([^,\s]+)/g)];
    return {
        certificate: pem,
        notValidBefore: parsed.validFromDate.toISOString(),
        notValidAfter: parsed.validToDate.toISOString(),
        domainNames: names.map((match) => match[1] ?? ""),
        fingerprint: parsed.fingerprint256.toLowerCase(),
    };
}

export function certificateRoutes(cloud: Cloud): Route[] {
    return [
        ...collectionRoutes(cloud, {
            kind: "certificates",
            single: "certificate",
            actionType: "certificate",
            view,
            filters: ["type"],
            remove: (project, certificate) => {
                if (usersOf(project, certificate.id).length > 0)
                    throw new ApiError(
                        "resource_in_use",
                        `certificate with ID ${certificate.id} is still in use`,
                    );
                return undefined;
            },
        }),
        {
            method: "POST",
            path: "/certificates",
            handle: ({ project, body }) => {
                const input = readBody(createBody, body);
                checkUnique(project, "certificates", input.name);
                const record: CertificateRecord = {
                    id: cloud.store.nextId(),
                    name: input.name,
                    type: input.type,
                    labels: input.labels ?? {},
                    created: new Date().toISOString(),
                    ...(input.type === "uploaded"
                        ? parseCertificate(input.certificate, input.private_key)
                        : {
                              certificate: null,
                              notValidBefore: null,
                              notValidAfter: null,
                              domainNames: input.domain_names,
                              fingerprint: null,
                          }),
                };
                project.certificates.push(record);
                cloud.store.changed();
                const action =
                    record.type === "managed"
                        ? cloud.actions.start(project, {
                              command: "create_certificate",
                              resources: [{ id: record.id, type: "certificate" }],
                          })
                        : null;
                return created({ certificate: view(project, record), action });
            },
        },
        {
            method: "POST",
            path: "/certificates/:id/actions/retry",
            handle: ({ project, params }) => {
                find(project, "certificates", params.id ?? "");
                throw new ApiError("unsupported_error", "certificate not retryable");
            },
        },
    ];
}
