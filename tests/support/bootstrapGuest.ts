import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { issue, privateKeyPem } from "./certificates.ts";
import { eventually } from "./eventually.ts";

/** The bootstrap script of a node. */
export const SCRIPT = new URL("../../components/cluster/bootstrap.sh", import.meta.url).pathname;

/** Commands that the script calls and that must not reach this machine. State lies in `$FAKE`. */
export const FAKES: Readonly<Record<string, string>> = {
    curl: `
output= url=
while [ $# -gt 0 ]; do
    case $1 in
    --output) output=$2; shift ;;
    --max-time) shift ;;
    -*) ;;
    *) url=$1 ;;
    esac
    shift
done
echo "$url" >>"$FAKE/curl.log"
case $url in
https://*/cacerts) peer=\${url#https://}; cat "$FAKE/peer-\${peer%%:*}" 2>/dev/null || exit 7 ;;
*) cp "$FAKE/release" "$output" 2>/dev/null || exit 22 ;;
esac`,
    ip: `cat "$FAKE/interfaces" 2>/dev/null || true`,
    uname: `cat "$FAKE/machine"`,
    systemctl: `echo "systemctl $*" >>"$FAKE/commands.log"`,
    nft: `[ ! -e "$FAKE/no-nft" ] || exit 127; echo "nft $*" >>"$FAKE/commands.log"`,
};

/** A machine that has just been given its user data. */
export class Guest {
    readonly directory: string;
    readonly root: string;
    readonly fake: string;
    output = "";
    private child: ChildProcess | undefined;

    constructor(directory: string) {
        this.directory = directory;
        this.root = join(directory, "root");
        this.fake = join(directory, "fake");
    }

    async set(name: string, content: string): Promise<void> {
        await writeFile(join(this.fake, name), content);
    }

    read(path: string): Promise<string> {
        return readFile(join(this.root, path), "utf8");
    }

    log(name: string): Promise<string> {
        return readFile(join(this.fake, name), "utf8");
    }

    /** Starts the script; resolves to its exit code. */
    boot(): Promise<number | null> {
        this.output = "";
        const child = spawn("bash", [SCRIPT], {
            env: {
                PATH: `${join(this.directory, "bin")}:${process.env.PATH ?? ""}`,
                FAKE: this.fake,
                SOVEREIGN_ROOT: this.root,
                SOVEREIGN_PAUSE_SECONDS: "0.02",
            },
        });
        this.child = child;
        for (const stream of [child.stdout, child.stderr])
            stream.on("data", (data: Buffer) => (this.output += data.toString()));
        return new Promise((resolve) => child.on("close", resolve));
    }

    says(pattern: RegExp): Promise<void> {
        return eventually(`${String(pattern)} in the script's output`, () => {
            assert.match(this.output, pattern);
        });
    }

    async remove(): Promise<void> {
        this.child?.kill("SIGKILL");
        await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
    }
}

/** A cluster's CA, as its control planes serve it. */
export interface Authority {
    readonly rootPem: string;
    /** What `/cacerts` answers: intermediate and root. */
    readonly bundle: string;
}

/** A fresh root and an intermediate under it. */
export async function authority(name: string): Promise<Authority> {
    const rootKey = privateKeyPem();
    const rootPem = await issue({ commonName: `${name} root`, ca: true, hours: 1 }, rootKey);
    const intermediate = await issue(
        { commonName: `${name} server-ca`, ca: true, hours: 1 },
        privateKeyPem(),
        { certificatePem: rootPem, keyPem: rootKey },
    );
    return { rootPem, bundle: `${intermediate}${rootPem}` };
}
