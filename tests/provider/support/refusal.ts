import assert from "node:assert/strict";
import { ProviderCallError } from "./client.ts";

/** What the provider says when it refuses a call. Fails where the call succeeds. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
    return (await failedCall(promise)).message;
}

/** The failure of a call. Fails where the call succeeds. */
export async function failedCall(promise: Promise<unknown>): Promise<ProviderCallError> {
    try {
        await promise;
    } catch (error) {
        assert.ok(error instanceof ProviderCallError, String(error));
        return error;
    }
    throw new assert.AssertionError({ message: "the call succeeded" });
}
