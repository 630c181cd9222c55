/** One stack = one Sovereign. Reads the stack's configuration and exports the Sovereign's outputs (`docs/outputs.md`). */
import { Sovereign } from "./components/sovereign.ts";
import { loadConfig } from "./config.ts";

const { outputs } = new Sovereign("sovereign", loadConfig());

export default outputs;
