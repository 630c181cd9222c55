import { z } from "zod";

/** A name server of a delegated zone, as programs give it. */
export const nameServerSchema = z
    .object({
        name: z.string().describe("Name of the server."),
        addresses: z
            .array(z.string())
            .default([])
            .describe("Its addresses, where the parent must hold them."),
    })
    .meta({ id: "DelegationNameServer", description: "A name server of the delegated zone." });
