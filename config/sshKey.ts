const TYPES = new Set([
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
]);

/** Whether `line` is one public key in OpenSSH's format whose blob says the same type as the line (RFC 4253 6.6). */
export function isSshPublicKey(line: string): boolean {
    const [type = "", encoded = ""] = line.split(" ");
    if (!TYPES.has(type) || line.includes("\n") || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded))
        return false;
    const blob = Buffer.from(encoded, "base64");
    if (blob.length < 4) return false;
    const length = blob.readUInt32BE(0);
    return (
        length === type.length &&
        blob.subarray(4, 4 + length).toString("latin1") === type &&
        blob.length > 4 + length
    );
}
