import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { hostNames } from "../names.ts";
import { PORTS } from "../ports.ts";

/** Letters and digits of the password. bcrypt reads no more than 72 bytes. */
const PASSWORD_LENGTH = 40;

export interface SmtpCredentialsArgs {
    readonly fqdn: string;
    /** A raised one makes another password. */
    readonly generation: number;
}

/** What a client in the cluster submits mail with: `noreply@<fqdn>` at `mail.<fqdn>:587`. */
export class SmtpCredentials extends pulumi.ComponentResource {
    readonly host: string;
    /** As text: consumers pass it through templates that take no number. */
    readonly port: string;
    /** Login name, and the only address that may send. */
    readonly user: string;
    /** Secret. */
    readonly password: pulumi.Output<string>;
    /** bcrypt hash of the password; secret. Stable while the password is. */
    readonly passwordHash: pulumi.Output<string>;

    constructor(name: string, args: SmtpCredentialsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:mail:SmtpCredentials", name, { fqdn: args.fqdn }, opts);
        const password = new random.RandomPassword(
            `${name}-password`,
            {
                length: PASSWORD_LENGTH,
                special: false,
                keepers: { generation: String(args.generation) },
            },
            { parent: this },
        );
        this.host = hostNames(args.fqdn).mail;
        this.port = String(PORTS.submission.listen);
        this.user = `noreply@${args.fqdn}`;
        this.password = pulumi.secret(password.result);
        this.passwordHash = pulumi.secret(password.bcryptHash);
        this.registerOutputs({ host: this.host, port: this.port, user: this.user });
    }
}
