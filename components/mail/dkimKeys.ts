import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { DkimSelectorConfig } from "../../config/model.ts";
import { dkimValue, revokedDkimValue } from "./dkim.ts";

/** The algorithms as `@pulumi/tls` names them. */
const KEY_ARGS = {
    rsa2048: { algorithm: "RSA", rsaBits: 2048 },
    ed25519: { algorithm: "ED25519" },
} as const satisfies Record<DkimSelectorConfig["algorithm"], tls.PrivateKeyArgs>;

export interface DkimKeysArgs {
    /** Plain: it decides which keys exist. */
    readonly selectors: readonly DkimSelectorConfig[];
    /** Protects the keys of all but revoked selectors: mail already sent is verified by them. */
    readonly protect: boolean;
}

/** A selector with its key. */
export interface DkimKey extends DkimSelectorConfig {
    /** PKCS#1 (RSA) or PKCS#8 (Ed25519); secret. */
    readonly privateKeyPem: pulumi.Output<string>;
    readonly publicKeyPem: pulumi.Output<string>;
    /** Value of the selector's record; the empty key of a revoked one. */
    readonly value: pulumi.Output<string>;
}

/** The key pairs behind the Sovereign's DKIM selectors. */
export class DkimKeys extends pulumi.ComponentResource {
    /** In the order of the configuration. */
    readonly keys: readonly DkimKey[];

    constructor(name: string, args: DkimKeysArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:mail:DkimKeys", name, { selectors: args.selectors }, opts);
        this.keys = args.selectors.map((selector) => this.createKey(name, selector, args.protect));
        this.registerOutputs({ values: this.keys.map((key) => key.value) });
    }

    /** Keys that sign now. */
    get active(): readonly DkimKey[] {
        return this.keys.filter((key) => key.state === "active");
    }

    private createKey(name: string, config: DkimSelectorConfig, protect: boolean): DkimKey {
        const revoked = config.state === "revoked";
        const key = new tls.PrivateKey(`${name}-${config.selector}`, KEY_ARGS[config.algorithm], {
            parent: this,
            protect: protect && !revoked,
        });
        const publicKeyPem = key.publicKeyPem;
        return {
            ...config,
            privateKeyPem: pulumi.secret(key.privateKeyPem),
            publicKeyPem,
            value: publicKeyPem.apply((pem) =>
                revoked ? revokedDkimValue(config.algorithm) : dkimValue(config.algorithm, pem),
            ),
        };
    }
}
