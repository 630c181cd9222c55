import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

/** A machine's serial console: what boot and k3s print, kept in a file, line by line with the time. */
export class Console {
    readonly file: string;

    constructor(file: string) {
        this.file = file;
        mkdirSync(dirname(file), { recursive: true });
    }

    /** Lines of what still ends when the machine is removed have nowhere to go and are dropped. */
    print(line: string): void {
        try {
            appendFileSync(this.file, `${new Date().toISOString()} ${line}\n`);
        } catch (error) {
            if (!(error instanceof Error && "code" in error && error.code === "ENOENT"))
                throw error;
        }
    }

    /** Everything printed so far. */
    read(): string {
        try {
            return readFileSync(this.file, "utf8");
        } catch {
            return "";
        }
    }
}
