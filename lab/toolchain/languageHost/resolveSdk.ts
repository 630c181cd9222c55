import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Entry points of the SDK that run programs, plugins and policy packs. */
export type SdkCommand = "run" | "run-plugin" | "run-policy-pack";

/**
 * Path of an entry point of the `@pulumi/pulumi` that a program in `directory` would import.
 *
 * @throws Error that names the directory and the install command
 */
export function resolveSdk(directory: string, command: SdkCommand): string {
    const require = createRequire(pathToFileURL(join(directory, "package.json")));
    try {
        return require.resolve(`@pulumi/pulumi/cmd/${command}/index.js`);
    } catch (cause) {
        throw new Error(
            `the Pulumi SDK is not installed for ${directory}; install it there with: npm ci --ignore-scripts`,
            { cause },
        );
    }
}
