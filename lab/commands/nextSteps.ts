import { labPort } from "../addresses.ts";
import type { LabAddresses } from "../addresses.ts";

/** What the lines to paste speak of. */
export interface Standing {
    readonly fqdn: string;
    readonly loadBalancerIpv4: string;
    readonly addresses: LabAddresses;
    /** Paths of the programs, which need not be on the person's PATH. */
    readonly kubectl: string;
    readonly dig: string;
    /** File with the admin kubeconfig. */
    readonly kubeconfig: string;
}

/** A comment and the line to paste. */
interface NextStep {
    readonly about: string;
    readonly line: string;
}

/** Option that picks the lab, where it is not number 0. */
function labFlag(instance: number, more = ""): string {
    const flags = [instance === 0 ? "" : `--lab ${instance}`, more].filter((flag) => flag !== "");
    return flags.length === 0 ? "" : ` -- ${flags.join(" ")}`;
}

/** Lines that show a person what now exists. */
export function nextSteps(standing: Standing): readonly NextStep[] {
    const { fqdn, loadBalancerIpv4, addresses, kubectl, dig, kubeconfig } = standing;
    const { instance, nameServers, dnsPort, portOffset } = addresses;
    const port = dnsPort === 53 ? "" : ` -p ${dnsPort}`;
    const https = labPort(443, portOffset);
    const suffix = https === 443 ? "" : `:${https}`;
    const host = `console.${fqdn}`;
    return [
        {
            about: "the cluster, through the load balancer",
            line: `${kubectl} --kubeconfig ${kubeconfig} get nodes,pods -A`,
        },
        {
            about: "the zone, at its own name server",
            line: `${dig} @${nameServers[0]}${port} +dnssec ${fqdn} MX`,
        },
        {
            about: "the console, by name through the load balancer",
            line: `curl -ki --noproxy '*' --resolve ${host}:${https}:${loadBalancerIpv4} https://${host}${suffix}/`,
        },
        {
            about: "the public certificates, which arrive one to three minutes later",
            line: `${kubectl} --kubeconfig ${kubeconfig} get certificates -A`,
        },
        { about: "does mail from it arrive?", line: `npm run doctor${labFlag(instance)}` },
        {
            about: "what a change would do",
            line: `npm run preview${labFlag(instance, "--set workerCount=2 --diff")}`,
        },
        { about: "all outputs", line: `npm run --silent outputs${labFlag(instance)}` },
        { about: "the lab itself", line: `npm run lab:status${labFlag(instance)}` },
        {
            about: "destroy everything, also what is protected",
            line: `npm run down${labFlag(instance, "--include-protected")}`,
        },
        { about: "end the lab", line: `npm run lab:stop${labFlag(instance)}` },
    ];
}

/** {@link nextSteps} as text. */
export function nextStepsText(standing: Standing): string {
    return nextSteps(standing)
        .map(({ about, line }) => `  # ${about}\n  ${line}`)
        .join("\n");
}
