/**
 * Credentials that the emulated registrars accept. They guard nothing: everything that accepts them listens on loopback.
 */
export const REGISTRAR_CREDENTIALS = {
    cloudflareApiToken: "lab-cloudflare-token",
    namecheapApiUser: "lab-namecheap-user",
    namecheapApiKey: "lab-namecheap-key",
    namecheapClientIp: "192.0.2.10",
    godaddyApiKey: "lab-godaddy-key",
    godaddyApiSecret: "lab-godaddy-secret",
    ovhApplicationKey: "lab-ovh-application",
    ovhApplicationSecret: "lab-ovh-secret",
    ovhConsumerKey: "lab-ovh-consumer",
} as const;
