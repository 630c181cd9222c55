// The SDK runs a pack through ts-node, which knows nothing of `.ts` in import paths; from an ES module on, Node itself strips the types.
import "./pack.ts";
