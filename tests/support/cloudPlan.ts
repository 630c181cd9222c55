import type { CloudConfig, NodeConfig } from "../../config/model.ts";
import { Cloud } from "../../components/cloud/cloud.ts";
import type { CloudMailArgs } from "../../components/cloud/cloud.ts";
import { SOVEREIGN_LABEL } from "../../components/names.ts";
import { Provider } from "../../provider/resources/provider.ts";
import { childOf, plan } from "./plan.ts";
import type { Child, PlanOptions } from "./plan.ts";
import { providerOutputs } from "./providerOutputs.ts";
import { fixtureCloud, fixtureNodes } from "./sovereignFixture.ts";

export const FQDN = "omantel.example";
export const LABELS = { [SOVEREIGN_LABEL]: FQDN };

export interface CloudShape {
    readonly nodes?: readonly NodeConfig[];
    readonly cloud?: Partial<CloudConfig>;
    readonly mail?: Partial<CloudMailArgs>;
}

export function planCloud(shape: CloudShape = {}, options: PlanOptions = {}) {
    return plan(
        () =>
            new Cloud("cloud", {
                fqdn: FQDN,
                cloud: fixtureCloud(shape.cloud),
                nodes: shape.nodes ?? fixtureNodes(1, 1),
                mail: {
                    loadBalancerPorts: ["smtp"],
                    egressNodes: ["cp1", "w1"],
                    ipv6: true,
                    ...shape.mail,
                },
                provider: new Provider("sovereign", {}),
            }),
        { outputs: providerOutputs(), ...options },
    );
}

export function numericId(children: readonly Child[], name: string): number {
    return Number(childOf(children, name).id);
}

export function ofType(children: readonly Child[], type: string): Child[] {
    return children.filter((c) => c.type === type);
}
