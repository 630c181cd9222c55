import type { MailPortName } from "../cloud/loadBalancerServices.ts";

/** Mail services that the load balancer carries: inbound mail always, submission only for clients outside. */
export function publicMailPorts(publicSubmission: boolean): MailPortName[] {
    return ["smtp", ...(publicSubmission ? (["submission", "submissions"] as const) : [])];
}
