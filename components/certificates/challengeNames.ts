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

/** A CNAME, both names without a trailing dot. */
export interface ChallengeAlias {
    readonly name: string;
    readonly target: string;
}

/**
 * CNAMEs in the Sovereign's zone that lead from where ACME looks into the challenge zone, one for each name that is proven. Pure.
 *
 * @see https://letsencrypt.org/docs/challenge-types/#dns-01-challenge
 */
export function challengeAliases(fqdn: string, names: readonly string[]): ChallengeAlias[] {
    const zone = challengeZoneName(fqdn);
    return names.map((name) => ({
        name: `${CHALLENGE}.${name}`,
        target: `${CHALLENGE}.${name.slice(0, -fqdn.length)}${zone}`,
    }));
}
