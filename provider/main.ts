import packageJson from "../package.json" with { type: "json" };
import { serve } from "./framework/serve.ts";
import { RESOURCES } from "./registry.ts";

serve(packageJson.version, RESOURCES);
