import { BOOT_FILES, SERVICE_ACCOUNT_KEY } from "../../../components/cluster/bootFiles.ts";
import type { Disk } from "../boot/disk.ts";
import { ENCRYPTION_CONFIG } from "./authorities.ts";
import { EGRESS_CONFIG } from "./egressProxy.ts";
import type { K3sSettings } from "./k3sConfig.ts";
import { API_PORT, ETCD_CLIENT_PORT } from "./peers.ts";

type Arguments = Record<string, string>;

/**
 * Merges `…-arg` values of config.yaml over k3s' own, as k3s does: the last value of a flag wins, `flag-=` drops it
 * (`pkg/daemons/config/types.go` `GetArgs`). Absolute paths are the guest's and are read from its disk.
 */
export function mergeArguments(own: Arguments, extra: readonly string[], disk: Disk): string[] {
    const merged = new Map(Object.entries(own));
    for (const argument of extra) {
        const equals = argument.indexOf("=");
        const flag = equals < 0 ? argument : argument.slice(0, equals);
        const value = equals < 0 ? "true" : argument.slice(equals + 1);
        if (flag.endsWith("-")) merged.delete(flag.slice(0, -1));
        else merged.set(flag, value.startsWith("/") ? disk.path(value) : value);
    }
    return [...merged].map(([flag, value]) => `--${flag}=${value}`);
}

export interface DaemonContext {
    readonly disk: Disk;
    readonly settings: K3sSettings;
    readonly hostAddress: string;
    readonly advertiseAddress: string;
    /** More than one control plane: controllers elect a leader. */
    readonly elect: boolean;
    /** Guest paths of kubeconfig files. */
    readonly controllerKubeconfig: string;
    readonly schedulerKubeconfig: string;
}

const tls = (context: DaemonContext, file: string) =>
    context.disk.path(`${BOOT_FILES.tlsDirectory}/${file}`);

/** kube-apiserver's arguments, after k3s' `pkg/daemons/control/server.go` `apiServer`. */
export function apiServerArguments(context: DaemonContext): string[] {
    const { settings, disk } = context;
    const issuer = `https://kubernetes.default.svc.${settings.clusterDomain}`;
    return mergeArguments(
        {
            "advertise-address": context.advertiseAddress,
            "allow-privileged": "true",
            "anonymous-auth": "false",
            "api-audiences": `${issuer},k3s`,
            "authorization-mode": "Node,RBAC",
            "bind-address": context.hostAddress,
            "client-ca-file": tls(context, "client-ca.crt"),
            "enable-admission-plugins": "NodeRestriction",
            "egress-selector-config-file": disk.path(EGRESS_CONFIG),
            "enable-aggregator-routing": "true",
            "etcd-cafile": tls(context, "etcd/server-ca.crt"),
            "etcd-certfile": tls(context, "etcd/client.crt"),
            "etcd-keyfile": tls(context, "etcd/client.key"),
            "etcd-servers": `https://${context.hostAddress}:${ETCD_CLIENT_PORT}`,
            "kubelet-certificate-authority": tls(context, "server-ca.crt"),
            "kubelet-client-certificate": tls(context, "client-kube-apiserver.crt"),
            "kubelet-client-key": tls(context, "client-kube-apiserver.key"),
            // The node's address of this type is where its kubelet is reached in the lab.
            "kubelet-preferred-address-types": "InternalDNS,InternalIP,ExternalIP,Hostname",
            profiling: "false",
            "proxy-client-cert-file": tls(context, "client-auth-proxy.crt"),
            "proxy-client-key-file": tls(context, "client-auth-proxy.key"),
            "requestheader-allowed-names": "system:auth-proxy",
            "requestheader-client-ca-file": tls(context, "request-header-ca.crt"),
            "requestheader-extra-headers-prefix": "X-Remote-Extra-",
            "requestheader-group-headers": "X-Remote-Group",
            "requestheader-username-headers": "X-Remote-User",
            "secure-port": String(API_PORT),
            "service-account-issuer": issuer,
            "service-account-key-file": tls(context, SERVICE_ACCOUNT_KEY),
            "service-account-signing-key-file": tls(context, SERVICE_ACCOUNT_KEY),
            "service-cluster-ip-range": settings.serviceCidr,
            "service-node-port-range": settings.text("service-node-port-range") ?? "30000-32767",
            "shutdown-delay-duration": "0",
            "tls-cert-file": tls(context, "serving-kube-apiserver.crt"),
            "tls-private-key-file": tls(context, "serving-kube-apiserver.key"),
            ...(settings.enabled("secrets-encryption")
                ? { "encryption-provider-config": disk.path(ENCRYPTION_CONFIG) }
                : {}),
        },
        settings.args("kube-apiserver-arg"),
        disk,
    );
}

/** kube-controller-manager's arguments. Attaching pretended volumes is left out; nothing would ever attach them. */
export function controllerManagerArguments(context: DaemonContext): string[] {
    const { settings, disk } = context;
    return mergeArguments(
        {
            "allocate-node-cidrs": "true",
            "bind-address": context.hostAddress,
            "cluster-cidr": settings.clusterCidr,
            "cluster-signing-kube-apiserver-client-cert-file": tls(
                context,
                "client-ca.nochain.crt",
            ),
            "cluster-signing-kube-apiserver-client-key-file": tls(context, "client-ca.key"),
            "cluster-signing-kubelet-client-cert-file": tls(context, "client-ca.nochain.crt"),
            "cluster-signing-kubelet-client-key-file": tls(context, "client-ca.key"),
            "cluster-signing-kubelet-serving-cert-file": tls(context, "server-ca.nochain.crt"),
            "cluster-signing-kubelet-serving-key-file": tls(context, "server-ca.key"),
            "cluster-signing-legacy-unknown-cert-file": tls(context, "server-ca.nochain.crt"),
            "cluster-signing-legacy-unknown-key-file": tls(context, "server-ca.key"),
            controllers:
                "*,-persistentvolume-attach-detach-controller,-bootstrap-signer-controller,-token-cleaner-controller",
            "kube-api-burst": "400",
            "kube-api-qps": "200",
            kubeconfig: disk.path(context.controllerKubeconfig),
            "leader-elect": String(context.elect),
            profiling: "false",
            "root-ca-file": tls(context, "server-ca.crt"),
            "secure-port": "0",
            "service-account-private-key-file": tls(context, SERVICE_ACCOUNT_KEY),
            "service-cluster-ip-range": settings.serviceCidr,
            "use-service-account-credentials": "true",
        },
        settings.args("kube-controller-manager-arg"),
        disk,
    );
}

export function schedulerArguments(context: DaemonContext): string[] {
    return mergeArguments(
        {
            "bind-address": context.hostAddress,
            "kube-api-burst": "400",
            "kube-api-qps": "200",
            kubeconfig: context.disk.path(context.schedulerKubeconfig),
            "leader-elect": String(context.elect),
            profiling: "false",
            "secure-port": "0",
        },
        context.settings.args("kube-scheduler-arg"),
        context.disk,
    );
}
