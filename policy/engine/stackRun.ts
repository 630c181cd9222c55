/** A resource as the last update left it in the state. Secrets stay encrypted. */
export interface SavedResource {
    readonly urn: string;
    readonly type: string;
    readonly outputs: Readonly<Record<string, unknown>>;
    /** What it was made for; another one replaces it. */
    readonly replacementTrigger?: unknown;
}

/** The preview or update that is judged. */
export interface StackRun {
    readonly preview: boolean;
    /** The stack's configuration by qualified key, in plain. */
    readonly config: Readonly<Record<string, string>>;
    /**
     * What the last update left; empty where there was none.
     *
     * @throws Error that says why the state cannot be read
     */
    savedResources(): Promise<readonly SavedResource[]>;
}
