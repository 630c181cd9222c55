import { once } from "node:events";
import { connect } from "node:net";
import type { Check } from "../check.ts";
import type { DoctorNetwork } from "../examination.ts";

/** Ports of mail access, filters and management, which a Sovereign has no use for outside. */
const CLOSED = [110, 143, 993, 995, 4190, 8080] as const;

async function isOpen(host: string, port: number, { timeout }: DoctorNetwork): Promise<boolean> {
    const socket = connect({ host, port });
    try {
        await once(socket, "connect", { signal: AbortSignal.timeout(timeout) });
        return true;
    } catch {
        return false;
    } finally {
        socket.destroy();
    }
}

export const closedPorts: Check = {
    number: 21,
    id: "closed-ports",
    title: "nothing but mail transport is open to the outside",
    severity: "advised",
    vantage: "outside",
    remedy: "Close the port in the firewall and the load balancer: run pulumi up, and remove rules and services that the stack did not make.",
    async run({ subject, network }) {
        const hosts = [...new Set([subject.cloud.loadBalancerIpv4, ...subject.mail.egressIpv4])];
        const problems: string[] = [];
        await Promise.all(
            hosts.flatMap((host) =>
                CLOSED.map(async (port) => {
                    if (await isOpen(host, network.port(port), network))
                        problems.push(`${host} has port ${port} open`);
                }),
            ),
        );
        return {
            evidence: `tried ${CLOSED.join(", ")} at ${hosts.join(", ")}`,
            problems: problems.sort(),
        };
    },
};
