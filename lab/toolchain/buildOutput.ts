/** A line of `go build -v` that names a package it compiles: an import path, so without a space. */
const PACKAGE = /^[\w.~/-]+$/;

/** Follows what `go build -v` prints, and says in a line how far it is. Chunks may end within a line. */
export class BuildProgress {
    readonly #all: number | undefined;
    #packages = 0;
    #rest = "";

    /** @param all - how many packages there are; fewer are named where some are compiled already */
    constructor(all?: number) {
        this.#all = all;
    }

    /** @returns what to show after this chunk, or undefined where it completes no line */
    take(chunk: string): string | undefined {
        const lines = (this.#rest + chunk).split("\n");
        this.#rest = lines.pop() ?? "";
        let shown: string | undefined;
        for (const line of lines.map((l) => l.trim()).filter((l) => l !== "")) {
            if (PACKAGE.test(line)) {
                this.#packages += 1;
                const all = this.#all === undefined ? "" : ` of up to ${this.#all}`;
                shown = `${this.#packages}${all} packages compiled, now ${line}`;
            } else shown = line;
        }
        return shown;
    }
}

/** What is left of a build's output without the packages it named: what compilers and Go have to say. */
export function withoutPackages(output: string): string {
    return output
        .split("\n")
        .filter((line) => !PACKAGE.test(line))
        .join("\n");
}
