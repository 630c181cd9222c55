/** One stack = one Sovereign. Reads the stack's configuration and exports the Sovereign's outputs (`components/outputs.ts`). */
import { Sovereign } from "./components/sovereign.ts";
import { loadConfig } from "./config.ts";

// The host's source map support takes half a minute of CPU per error on the SDK's own maps; this code runs unmapped.
Reflect.deleteProperty(Error, "prepareStackTrace");

const { outputs } = new Sovereign("sovereign", loadConfig());

export default outputs;
