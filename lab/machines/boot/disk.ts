import { chmod, mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";

/** A machine's disk: a directory that stands for the guest's root file system. */
export class Disk {
    readonly root: string;

    constructor(root: string) {
        this.root = root;
    }

    /** Where the guest's absolute path lies on this machine. Never outside {@link root}. */
    path(guestPath: string): string {
        return join(this.root, normalize(`/${guestPath}`));
    }

    /** Creates the folders above the file as well. @param mode - @default 0o644 */
    async write(guestPath: string, content: string | Buffer, mode = 0o644): Promise<void> {
        const file = this.path(guestPath);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, content, { mode });
        await chmod(file, mode);
    }

    /** `undefined` where there is no such file. */
    async read(guestPath: string): Promise<string | undefined> {
        try {
            return await readFile(this.path(guestPath), "utf8");
        } catch (error) {
            if (isMissing(error)) return undefined;
            throw error;
        }
    }

    async exists(guestPath: string): Promise<boolean> {
        try {
            await stat(this.path(guestPath));
            return true;
        } catch (error) {
            if (isMissing(error)) return false;
            throw error;
        }
    }

    /** Guest paths of all files below a folder, sorted; empty where there is no such folder. */
    async list(guestFolder: string): Promise<string[]> {
        try {
            const entries = await readdir(this.path(guestFolder), {
                recursive: true,
                withFileTypes: true,
            });
            return entries
                .filter((entry) => entry.isFile())
                .map((entry) => join(entry.parentPath, entry.name).slice(this.root.length))
                .sort();
        } catch (error) {
            if (isMissing(error)) return [];
            throw error;
        }
    }

    async remove(guestPath: string): Promise<void> {
        await rm(this.path(guestPath), { recursive: true, force: true });
    }

    async createFolder(guestFolder: string, mode = 0o755): Promise<string> {
        const folder = this.path(guestFolder);
        await mkdir(folder, { recursive: true, mode });
        return folder;
    }
}

function isMissing(error: unknown): boolean {
    return error instanceof Error && "code" in error && error.code === "ENOENT";
}
