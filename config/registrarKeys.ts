import { list, oneOf, text, url } from "./fields.ts";
import { key } from "./keySpec.ts";
import { isIpv4 } from "./network.ts";

const API_URL = "an http or https URL without credentials and trailing slash";

/** Where the registrars beside Dynadot are reached, and what identifies their accounts. */
export const registrarKeys = {
    byHand: key("array", "a list of ds and glue", ["ds"], (e) =>
        list(e, oneOf("ds or glue", ["ds", "glue"])).default([]),
    ),
    cloudflareUrl: key("string", API_URL, "https://api.cloudflare.com/client/v4", (e) =>
        url(e).default("https://api.cloudflare.com/client/v4"),
    ),
    namecheapUrl: key("string", API_URL, "https://api.sandbox.namecheap.com/xml.response", (e) =>
        url(e).default("https://api.namecheap.com/xml.response"),
    ),
    namecheapApiUser: key("string", "the API user of the Namecheap account", "acme", (e) =>
        text(e, (t) => /^\S+$/.test(t)).optional(),
    ),
    namecheapUserName: key("string", "the user name of the Namecheap account", "acme", (e) =>
        text(e, (t) => /^\S+$/.test(t)).optional(),
    ),
    namecheapClientIp: key(
        "string",
        "an IPv4 address that the allowlist of the Namecheap account has",
        "203.0.113.10",
        (e) => text(e, isIpv4).optional(),
    ),
    godaddyUrl: key("string", API_URL, "https://api.ote-godaddy.com", (e) =>
        url(e).default("https://api.godaddy.com"),
    ),
    ovhUrl: key("string", API_URL, "https://ca.api.ovh.com/1.0", (e) =>
        url(e).default("https://eu.api.ovh.com/1.0"),
    ),
} as const;
