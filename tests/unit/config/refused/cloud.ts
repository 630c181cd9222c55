import type { RefusedConfig } from "./refusedConfig.ts";

/** Configurations of a cloud that cannot be built. */
export const cloud: readonly RefusedConfig[] = [
    {
        name: "two control planes",
        change: { controlPlaneCount: 2 },
        message: [
            "  controlPlaneCount: found 2; expected 1 or 3 control planes (etcd needs an odd number)",
            "      pulumi config set controlPlaneCount 1",
        ],
    },
    {
        name: "a negative number of workers",
        change: { workerCount: -1 },
        message: [
            "  workerCount: found -1; expected a whole number of workers from 0 to 100",
            "      pulumi config set workerCount 2",
        ],
    },
    {
        name: "no location",
        change: { locations: [] },
        message: [
            "  locations: found []; expected one location of Hetzner or more, in order of preference",
            "      pulumi config set --path 'locations[0]' fsn1",
        ],
    },
    {
        name: "a location that is none",
        change: { locations: ["fsn1", "Falkenstein"] },
        message: [
            '  locations[1]: found "Falkenstein"; expected a location of Hetzner, for example fsn1',
            "      pulumi config set --path 'locations[1]' fsn1",
        ],
    },
    {
        name: "a server type of no family",
        change: { controlPlaneTypes: ["cx43", "m5.large"] },
        message: [
            '  controlPlaneTypes[1]: found "m5.large"; expected a server type of Hetzner, for example cx43, cpx42, cax31 or ccx23',
            "      pulumi config set --path 'controlPlaneTypes[1]' cx43",
        ],
    },
    {
        name: "workers without a type",
        change: { workerCount: 2, workerTypes: [] },
        message: [
            "  workerTypes: found []; expected one server type or more, since workerCount is above 0",
            "      pulumi config set --path 'workerTypes[0]' cx43",
        ],
    },
    {
        name: "a generation of a node that does not exist",
        change: { generations: { cp1: 2, w1: 2 } },
        message: [
            "  generations.w1: found 2; expected one of the nodes of this configuration: cp1",
            "      pulumi config rm --path generations.w1",
        ],
    },
    {
        name: "a generation of zero",
        change: { generations: { cp1: 0 } },
        message: [
            "  generations.cp1: found 0; expected a whole number from 1 to 1000000; raise it to replace the server",
            "      pulumi config set --path generations.cp1 2",
        ],
    },
    {
        name: "a network whose host bits are set",
        change: { networkCidr: "10.0.0.1/16" },
        message: [
            '  networkCidr: found "10.0.0.1/16"; expected a private IPv4 network (RFC 1918) of /24 or larger with its host bits zero',
            "      pulumi config set networkCidr 10.0.0.0/16",
        ],
    },
    {
        name: "a public network",
        change: { networkCidr: "192.0.2.0/24" },
        message: [
            '  networkCidr: found "192.0.2.0/24"; expected a private IPv4 network (RFC 1918) of /24 or larger with its host bits zero',
            "      pulumi config set networkCidr 10.0.0.0/16",
        ],
    },
    {
        name: "a network that is too small",
        change: { networkCidr: "10.0.0.0/25" },
        message: [
            '  networkCidr: found "10.0.0.0/25"; expected a private IPv4 network (RFC 1918) of /24 or larger with its host bits zero',
            "      pulumi config set networkCidr 10.0.0.0/16",
        ],
    },
    {
        name: "a subnet outside the network",
        change: { nodesCidr: "10.1.0.0/24" },
        message: [
            '  nodesCidr: found "10.1.0.0/24"; expected a subnet of networkCidr, 10.0.0.0/16',
            "      pulumi config set nodesCidr 10.0.1.0/24",
        ],
    },
    {
        name: "subnets that overlap",
        change: { loadBalancerCidr: "10.0.1.128/25", loadBalancerIp: "10.0.1.130" },
        message: [
            '  loadBalancerCidr: found "10.0.1.128/25"; expected a network that shares no address with nodesCidr, 10.0.1.0/24',
            "      pulumi config set loadBalancerCidr 10.0.2.0/24",
        ],
    },
    {
        name: "pods in the private network",
        change: { podCidr: "10.0.0.0/16" },
        message: [
            '  podCidr: found "10.0.0.0/16"; expected a network that shares no address with networkCidr, 10.0.0.0/16',
            "      pulumi config set podCidr 10.42.0.0/16",
        ],
    },
    {
        name: "services among the pods",
        change: { serviceCidr: "10.42.128.0/20" },
        message: [
            '  serviceCidr: found "10.42.128.0/20"; expected a network that shares no address with podCidr, 10.42.0.0/16',
            "      pulumi config set serviceCidr 10.43.0.0/16",
        ],
    },
    {
        name: "a load balancer outside its subnet",
        change: { loadBalancerIp: "10.0.3.2" },
        message: [
            '  loadBalancerIp: found "10.0.3.2"; expected an address in loadBalancerCidr, 10.0.2.0/24, other than its first two and its last',
            "      pulumi config set loadBalancerIp 10.0.2.2",
        ],
    },
    {
        name: "a load balancer at its subnet's gateway",
        change: { loadBalancerIp: "10.0.2.1" },
        message: [
            '  loadBalancerIp: found "10.0.2.1"; expected an address in loadBalancerCidr, 10.0.2.0/24, other than its first two and its last',
            "      pulumi config set loadBalancerIp 10.0.2.2",
        ],
    },
    {
        name: "a subnet without room for its nodes",
        change: { nodesCidr: "10.0.1.0/28", workerCount: 6 },
        message: [
            '  nodesCidr: found "10.0.1.0/28"; expected room for 1 control planes and 6 workers (w1 has the subnet\'s address 10)',
            "      pulumi config set nodesCidr 10.0.1.0/24",
        ],
    },
    {
        name: "more services than the load balancer takes",
        change: { publicSubmission: true },
        message: [
            '  loadBalancerType: found "lb11"; expected a type that takes 6 services (lb11 takes 5)',
            "      pulumi config set loadBalancerType lb21",
        ],
    },
    {
        name: "more targets than the load balancer takes",
        change: { workerCount: 30 },
        message: [
            '  loadBalancerType: found "lb11"; expected a type that takes 31 targets (lb11 takes 25)',
            "      pulumi config set loadBalancerType lb21",
        ],
    },
    {
        name: "an unknown load balancer type",
        change: { loadBalancerType: "lb12" },
        message: [
            '  loadBalancerType: found "lb12"; expected lb11, lb21 or lb31',
            "      pulumi config set loadBalancerType lb21",
        ],
    },
    {
        name: "the API at the nodes for nobody",
        change: { apiExposure: "nodes" },
        message: [
            "  apiAllowedCidrs: found []; expected one network or more, since apiExposure is nodes and its firewall lets in nobody else",
            "      pulumi config set --path 'apiAllowedCidrs[0]' 203.0.113.7/32",
        ],
    },
    {
        name: "a firewall for the load balancer",
        change: { apiAllowedCidrs: ["198.51.100.0/24"] },
        message: [
            '  apiAllowedCidrs: found ["198.51.100.0/24"]; expected an empty list, since Hetzner\'s load balancers have no firewall; or apiExposure nodes',
            "      pulumi config rm apiAllowedCidrs",
            "   or pulumi config set apiExposure nodes",
        ],
    },
    {
        name: "SSH from a network with host bits",
        change: { sshAllowedCidrs: ["198.51.100.7/24"] },
        message: [
            '  sshAllowedCidrs[0]: found "198.51.100.7/24"; expected a network with its host bits zero, for example 203.0.113.7/32 or 2001:db8::/32',
            "      pulumi config set --path 'sshAllowedCidrs[0]' 203.0.113.7/32",
        ],
    },
    {
        name: "an SSH key that says another type than it is",
        change: {
            sshPublicKeys: [
                "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS ada",
            ],
        },
        message: [
            "  sshPublicKeys[0]: found \"ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS ad…; expected a public key in OpenSSH's format (the line of a .pub file)",
            "      pulumi config set --path 'sshPublicKeys[0]' 'ssh-ed25519 AAAA… you@example'",
        ],
    },
    {
        name: "a private SSH key in full",
        change: {
            sshPublicKeys: [
                "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAA\n-----END OPENSSH PRIVATE KEY-----",
            ],
        },
        message: [
            "  sshPublicKeys[0]: found a private key; expected a public key in OpenSSH's format (the line of a .pub file)",
            "      pulumi config set --path 'sshPublicKeys[0]' 'ssh-ed25519 AAAA… you@example'",
        ],
    },
    {
        name: "a flag that is neither true nor false",
        change: { protect: "yes" },
        message: [
            '  protect: found "yes"; expected true or false',
            "      pulumi config set protect true",
        ],
    },
];
