import { createHash } from "node:crypto";
import { z } from "zod";
import { ApiError, invalidField } from "../errors.ts";
import type { Cloud } from "../cloud.ts";
import { type Route, created, field, readBody } from "../http/route.ts";
import { checkUnique } from "../state/lookup.ts";
import type { ProjectState, SshKeyRecord } from "../state/model.ts";
import { collectionRoutes } from "./collection.ts";

const createBody = z.object({
    name: field.name,
    public_key: z.string().min(1),
    labels: field.labels,
});

/** MD5 fingerprint with colons, as `ssh-keygen -E md5` prints it. Throws `invalid_input` on what isn't an OpenSSH public key. */
export function fingerprintOf(publicKey: string): string {
    const [type = "", base64 = ""] = publicKey.trim().split(/\s+/);
    const blob = Buffer.from(base64, "base64");
    const length = blob.length >= 4 ? blob.readUInt32BE(0) : 0;
    if (type === "" || blob.subarray(4, 4 + length).toString("latin1") !== type)
        throw invalidField("public_key", "not an OpenSSH public key");
    const digest = createHash("md5").update(blob).digest("hex");
    return digest.match(/../g)?.join(":") ?? "";
}

function view(_project: ProjectState, key: SshKeyRecord) {
    const { id, name, fingerprint, publicKey, labels, created: time } = key;
    return { id, name, fingerprint, public_key: publicKey, labels, created: time };
}

export function sshKeyRoutes(cloud: Cloud): Route[] {
    return [
        ...collectionRoutes(cloud, {
            kind: "ssh_keys",
            single: "ssh_key",
            view,
            filters: ["fingerprint"],
        }),
        {
            method: "POST",
            path: "/ssh_keys",
            handle: ({ project, body }) => {
                const input = readBody(createBody, body);
                const fingerprint = fingerprintOf(input.public_key);
                if (project.ssh_keys.some((key) => key.fingerprint === fingerprint))
                    throw new ApiError(
                        "uniqueness_error",
                        "SSH key with the same fingerprint already exists",
                        { fields: [{ name: "public_key" }] },
                    );
                checkUnique(project, "ssh_keys", input.name);
                const key: SshKeyRecord = {
                    id: cloud.store.nextId(),
                    name: input.name,
                    fingerprint,
                    publicKey: input.public_key,
                    labels: input.labels ?? {},
                    created: new Date().toISOString(),
                };
                project.ssh_keys.push(key);
                cloud.store.changed();
                return created({ ssh_key: view(project, key) });
            },
        },
    ];
}
