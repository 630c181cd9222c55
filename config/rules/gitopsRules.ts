import { removeLine, setLine, setSecretLine, show } from "../problem.ts";
import { rule, when } from "./rule.ts";
import type { Rule } from "./rule.ts";

/** Rules across the keys of the bootstrap. */
export const gitopsRules: readonly Rule[] = [
    rule(
        ["bootstrap", "mailServerOwner", "platformOwner"],
        ({ bootstrap, mailServerOwner, platformOwner }) =>
            Object.entries({ mailServerOwner, platformOwner }).flatMap(([key, owner]) =>
                when(bootstrap === "pulumi" && owner === "kit", () => ({
                    key,
                    found: show(owner),
                    expected: "program: without bootstrap flux there is no kit",
                    remedy: [removeLine(key)],
                    alternative: [setLine("bootstrap", "flux")],
                })),
            ),
    ),
    rule(
        ["bootstrap", "fluxChart", "fluxChartVersion"],
        ({ bootstrap, fluxChart, fluxChartVersion }) =>
            when(
                bootstrap === "flux" &&
                    fluxChart.startsWith("oci://") &&
                    fluxChartVersion === undefined,
                () => ({
                    key: "fluxChartVersion",
                    found: "nothing",
                    expected:
                        "the version that the kit's slot 03 names: another one would fight over Flux's definitions",
                    remedy: [setLine("fluxChartVersion", "1.1.2")],
                }),
            ),
    ),
    rule(["bootstrap", "imageRegistry"], ({ bootstrap, imageRegistry }, { secrets }) =>
        when(bootstrap === "flux" && !secrets.has("imageRegistryToken"), () => ({
            key: "imageRegistryToken",
            found: "nothing",
            expected: `a token that may pull from ${imageRegistry}: the kit's sources name the Secret ghcr-pull and wait for it for ever`,
            remedy: [
                setSecretLine("imageRegistryToken"),
                setLine("imageRegistryUsername", "robot"),
            ],
        })),
    ),
    rule(
        ["bootstrap", "crossplaneCredentials"],
        ({ bootstrap, crossplaneCredentials }, { secrets }) => [
            ...when(crossplaneCredentials && bootstrap === "pulumi", () => ({
                key: "crossplaneCredentials",
                found: show(crossplaneCredentials),
                expected: "false: without bootstrap flux there is no Crossplane",
                remedy: [removeLine("crossplaneCredentials")],
                alternative: [setLine("bootstrap", "flux")],
            })),
            ...when(
                crossplaneCredentials && bootstrap === "flux" && !secrets.has("hcloud:token"),
                () => ({
                    key: "hcloud:token",
                    found: "nothing",
                    expected: "the token that crossplaneCredentials gives to the kit's Crossplane",
                    remedy: [setSecretLine("hcloud:token")],
                    alternative: [removeLine("crossplaneCredentials")],
                }),
            ),
        ],
    ),
    rule(["bootstrap", "fqdn", "gitopsKitPath"], ({ bootstrap, fqdn, gitopsKitPath }) =>
        when(bootstrap === "flux" && gitopsKitPath.includes(fqdn), () => ({
            key: "gitopsKitPath",
            found: show(gitopsKitPath),
            expected:
                "the path of the template that all Sovereigns share: nobody commits a directory for each, and Flux puts the name in",
            remedy: [setLine("gitopsKitPath", "./clusters/_template/bootstrap-kit")],
        })),
    ),
];
