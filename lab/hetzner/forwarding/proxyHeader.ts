import proxyProtocol from "proxy-protocol-js";

/** One end of a TCP connection. */
export interface Peer {
    readonly ip: string;
    readonly port: number;
}

/**
 * PROXY protocol header, version 1: the readable one, which every parser of version 2 knows too
 * (https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt). Which version Hetzner's load balancers send is not documented.
 */
export function proxyHeader(client: Peer, server: Peer): string {
    const { INETProtocol, Peer: Address, V1ProxyProtocol } = proxyProtocol;
    return new V1ProxyProtocol(
        client.ip.includes(":") ? INETProtocol.TCP6 : INETProtocol.TCP4,
        new Address(client.ip, client.port),
        new Address(server.ip, server.port),
    ).build();
}
