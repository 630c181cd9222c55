import { isWithin } from "../../config/names.ts";

/** Label under which ACME looks for the proof of a name (RFC 8555, 8.4). */
const CHALLENGE = "_acme-challenge";

/** Zone of a Sovereign's own for challenges: the only one that the issuer's key may change. */
export function challengeZoneName(fqdn: string): string {
    return `acme.${fqdn}`;
}

/** Name of the TSIG key that may change it. */
export function challengeKeyName(fqdn: string): string {
    return `issuer.${challengeZoneName(fqdn)}`;
}

/** A CNAME, all names without a trailing dot. */
export interface ChallengeAlias {
    /** Zone that it stands in. */
    readonly zone: string;
    readonly name: string;
    readonly target: string;
}

/** Name in the challenge zone where a name is proven: its labels below the Sovereign's own, or all of them for a name in a further zone. */
export function challengeTarget(fqdn: string, name: string): string {
    const below = isWithin(name, fqdn) ? name.slice(0, -fqdn.length) : `${name}.`;
    return `${CHALLENGE}.${below}${challengeZoneName(fqdn)}`;
}

/**
 * CNAMEs that lead from where ACME looks into the challenge zone, one for each name that is proven; each in the zone of its name, the
 * Sovereign's or a further one, whose apex is the name. Pure.
 *
 * @see https://letsencrypt.org/docs/challenge-types/#dns-01-challenge
 */
export function challengeAliases(fqdn: string, names: readonly string[]): ChallengeAlias[] {
    return names.map((name) => ({
        zone: isWithin(name, fqdn) ? fqdn : name,
        name: `${CHALLENGE}.${name}`,
        target: challengeTarget(fqdn, name),
    }));
}
