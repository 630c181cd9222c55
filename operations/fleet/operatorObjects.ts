import type { StackConfiguration } from "./stackConfiguration.ts";

/** Namespace of the Stack objects; `deploy/operator/namespace.yaml` makes it. */
export const FLEET_NAMESPACE = "sovereigns";

/** ServiceAccount of the workspace pods, made by the same file. */
export const WORKSPACE_SERVICE_ACCOUNT = "sovereign-workspace";

/** Where the image of `deploy/operator/Containerfile` has the program. */
export const PROGRAM_DIRECTORY = "/opt/sovereign";

/** The operator refuses longer names of Stack objects (2.3.0). */
const MAX_NAME = 42;

/** What one Sovereign's objects are made of. */
export interface FleetMember {
    /** Name of the Pulumi stack, `omantel`. */
    readonly stack: string;
    /** Image with CLI, plugins and program, by digest: `registry.example/sovereign@sha256:…`. */
    readonly image: string;
    /** URL of the backend that keeps the state, `s3://…` or `postgres://…`, without credentials in it. */
    readonly backend: string;
    /** Secrets provider of the stack, `hashivault://sovereigns` or `passphrase`. */
    readonly secretsProvider: string;
    readonly configuration: StackConfiguration;
    /** Seconds between two looks for drift. @default 3600 */
    readonly driftSeconds?: number;
    /** The most seconds that the operator waits between two tries of a failing update. @default 3600 */
    readonly maxBackoffSeconds?: number;
    /** Whether deleting the Stack object destroys the Sovereign. @default false */
    readonly destroyOnFinalize?: boolean;
}

/** A Kubernetes object as it is applied. */
export type KubernetesObject = Readonly<Record<string, unknown>> & {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace: string };
};

/** Something about a fleet member that the operator would refuse; the message names the field. */
export class InvalidFleetMember extends Error {}

/**
 * The objects that make the Pulumi Kubernetes Operator (2.3.0 or newer) run one Sovereign:
 *
 * - Stack `<stack>`: brings the Sovereign up, and again on each change of the object;
 * - Stack `<stack>-drift`: a preview with refresh that fails when anything differs, and never writes;
 * - Program and Stack `<stack>-outputs`: what the Sovereign publishes, without secrets, in the status of a Kubernetes object, read by
 *   stack reference, and only after the first Stack succeeded.
 *
 * Credentials are only referred to: Secret `<stack>-config` (one key for each secret of the configuration, a colon written as a dot) and
 * Secret `<stack>-backend` (environment variables of backend and secrets provider).
 *
 * @throws {InvalidFleetMember} for what the operator or this program would refuse later
 * @see https://github.com/pulumi/pulumi-kubernetes-operator/blob/v2.3.0/docs/stacks.md
 */
export function operatorObjects(member: FleetMember): readonly KubernetesObject[] {
    check(member);
    return [
        updatingStack(member),
        driftStack(member),
        outputsProgram(member),
        outputsStack(member),
    ];
}

/** Key of a configuration value within Secret `<stack>-config`: Kubernetes allows no colon there. */
export function secretKeyOf(configKey: string): string {
    return configKey.replace(":", ".");
}

function check({ stack, image, backend }: FleetMember): void {
    const longest = `${stack}-outputs`;
    if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(stack) || longest.length > MAX_NAME)
        throw new InvalidFleetMember(
            `stack "${stack}": expected lower-case letters, digits and dashes, and at most ${MAX_NAME - "-outputs".length} characters ` +
                `(the operator takes names of ${MAX_NAME}, and the longest here is "${longest}")`,
        );
    if (!/@sha256:[0-9a-f]{64}$/.test(image))
        throw new InvalidFleetMember(
            `image "${image}": expected a digest (…@sha256:<64 hex digits>), since a tag may be another program tomorrow`,
        );
    if (!URL.canParse(backend) || new URL(backend).password !== "")
        throw new InvalidFleetMember(
            "backend: expected a URL without a password in it, s3://states?region=… or postgres://host/states; credentials belong " +
                `into Secret ${stack}-backend`,
        );
}

function updatingStack(member: FleetMember): KubernetesObject {
    return stackObject(member.stack, {
        ...runOf(member),
        refresh: true,
        destroyOnFinalize: member.destroyOnFinalize ?? false,
        updateTemplate: { spec: { parallel: 64 } },
    });
}

function driftStack(member: FleetMember): KubernetesObject {
    return stackObject(`${member.stack}-drift`, {
        ...runOf(member),
        preview: true,
        refresh: true,
        // Never creates the Pulumi stack: there is no drift of what was never brought up.
        useLocalStackOnly: true,
        continueResyncOnCommitMatch: true,
        resyncFrequencySeconds: member.driftSeconds ?? 3600,
        updateTemplate: { spec: { expectNoChanges: true } },
        prerequisites: [{ name: member.stack }],
    });
}

function outputsProgram({ stack }: FleetMember): KubernetesObject {
    const published = ["schemaVersion", "sovereign", "cloud", "dns", "mail"];
    return {
        apiVersion: "pulumi.com/v1",
        kind: "Program",
        metadata: metadata(`${stack}-outputs`),
        program: {
            resources: {
                sovereign: {
                    type: "pulumi:pulumi:StackReference",
                    properties: { name: `organization/sovereign/${stack}` },
                },
            },
            outputs: Object.fromEntries(
                published.map((output) => [output, `\${sovereign.outputs["${output}"]}`]),
            ),
        },
    };
}

function outputsStack(member: FleetMember): KubernetesObject {
    const { stack, image, backend, secretsProvider } = member;
    return stackObject(`${stack}-outputs`, {
        stack: `organization/${stack}-outputs/${stack}`,
        programRef: { name: `${stack}-outputs` },
        backend,
        secretsProvider,
        serviceAccountName: WORKSPACE_SERVICE_ACCOUNT,
        continueResyncOnCommitMatch: true,
        resyncFrequencySeconds: member.driftSeconds ?? 3600,
        retryMaxBackoffDurationSeconds: member.maxBackoffSeconds ?? 3600,
        destroyOnFinalize: true,
        prerequisites: [{ name: stack }],
        workspaceReclaimPolicy: "Delete",
        workspaceTemplate: { spec: workspace(image, stack) },
    });
}

/** What the two Stacks of one Pulumi stack have in common: which program runs, with which configuration. */
function runOf(member: FleetMember): Readonly<Record<string, unknown>> {
    const { stack, image, backend, secretsProvider, configuration } = member;
    return {
        stack: `organization/sovereign/${stack}`,
        backend,
        secretsProvider,
        serviceAccountName: WORKSPACE_SERVICE_ACCOUNT,
        config: configuration.plain,
        secretsRef: Object.fromEntries(
            configuration.secretKeys.map((key) => [
                key,
                { type: "Secret", secret: { name: `${stack}-config`, key: secretKeyOf(key) } },
            ]),
        ),
        retryMaxBackoffDurationSeconds: member.maxBackoffSeconds ?? 3600,
        workspaceReclaimPolicy: "Delete",
        workspaceTemplate: {
            spec: { ...workspace(image, stack), local: { dir: PROGRAM_DIRECTORY } },
        },
    };
}

function workspace(image: string, stack: string): Readonly<Record<string, unknown>> {
    return {
        image,
        imagePullPolicy: "IfNotPresent",
        securityProfile: "restricted",
        serviceAccountName: WORKSPACE_SERVICE_ACCOUNT,
        envFrom: [{ secretRef: { name: `${stack}-backend` } }],
        resources: {
            requests: { cpu: "500m", memory: "1Gi" },
            limits: { memory: "2Gi" },
        },
        // A rolled control plane takes minutes; a pod that is ended before would leave a locked state.
        podTemplate: { spec: { terminationGracePeriodSeconds: 3600 } },
    };
}

function stackObject(name: string, spec: Readonly<Record<string, unknown>>): KubernetesObject {
    return {
        apiVersion: "pulumi.com/v1",
        kind: "Stack",
        metadata: metadata(name),
        spec,
    };
}

function metadata(name: string): {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
} {
    return {
        name,
        namespace: FLEET_NAMESPACE,
        labels: {
            "app.kubernetes.io/name": "sovereign",
            "app.kubernetes.io/managed-by": "pulumi-kubernetes-operator",
        },
    };
}
