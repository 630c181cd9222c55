/** What the platform submits mail with. All of it is text. */
export interface SmtpAccess {
    readonly host: string;
    readonly port: string;
    readonly from: string;
    readonly user: string;
    readonly password: string;
}

/** Data of `sovereign-smtp-credentials`: the keys of today, and beside them those of older readers with the same bytes. */
export function smtpSecretData(access: SmtpAccess): Record<string, string> {
    return {
        "smtp-host": access.host,
        "smtp-port": access.port,
        "smtp-from": access.from,
        "smtp-user": access.user,
        "smtp-pass": access.password,
        user: access.user,
        password: access.password,
    };
}
