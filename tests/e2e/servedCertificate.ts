import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:tls";
import { SmtpDialogue } from "../../operations/doctor/smtp/dialogue.ts";

/** A server, the name that its certificate has to be for, and the authority that has to vouch for it (PEM). */
export interface TlsServer {
    readonly host: string;
    readonly port: number;
    readonly name: string;
    readonly ca: string;
}

/** Milliseconds that a server has to answer. */
const TIMEOUT = 10_000;

/** The certificate that a server shows by SNI. Rejects where its chain does not lead to the authority, or is not for the name. */
export async function certificateOverTls({ name, ...server }: TlsServer): Promise<X509Certificate> {
    const socket = connect({ ...server, servername: name });
    try {
        await once(socket, "secureConnect", { signal: AbortSignal.timeout(TIMEOUT) });
        return new X509Certificate(socket.getPeerCertificate(true).raw);
    } finally {
        socket.destroy();
    }
}

/** The same for a mail server, after STARTTLS. */
export async function certificateOverSmtp(server: TlsServer): Promise<X509Certificate> {
    const { host, port, name, ca } = server;
    const { dialogue } = await SmtpDialogue.open({ host, port }, TIMEOUT);
    try {
        await dialogue.say("EHLO test.invalid");
        const { certificate, distrust } = await dialogue.startTls(name, ca);
        assert.equal(distrust, undefined);
        assert.ok(certificate.checkHost(name), `the certificate is not for ${name}`);
        return certificate;
    } finally {
        dialogue.close();
    }
}
