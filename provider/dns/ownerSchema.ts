import { randomBytes } from "node:crypto";
import { z } from "zod";

/** Longest owner: PowerDNS' `account` field, where a zone carries it, holds no more. */
const MAX_OWNER = 40;

/** Input `owner` of every DNS resource. */
export const ownerSchema = z
    .string()
    .max(MAX_OWNER, `is longer than ${MAX_OWNER} characters, which PowerDNS' account field holds`)
    .regex(/^\S+$/, "is empty or has spaces; expected a mark such as pulumi:sovereign/dev")
    .describe("Mark that tells what is ours, for example `pulumi:sovereign/dev`.");

/** Input `adopt` of zones and record sets. */
export const adoptSchema = z.boolean().default(false);

/** What was imported without a mark has no owner yet: that is no difference, the next write marks it. */
export function sameOwner(before: string, after: string): boolean {
    return before === "" || before === after;
}

/** A claim that no other resource has. */
export function newClaim(): string {
    return randomBytes(6).toString("hex");
}
