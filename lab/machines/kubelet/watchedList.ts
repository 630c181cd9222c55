import { setTimeout as delay } from "node:timers/promises";
import {
    ListWatch,
    Watch,
    type KubeConfig,
    type KubernetesListObject,
    type KubernetesObject,
    type ObjectCache,
} from "@kubernetes/client-node";

/** Milliseconds until a broken watch is taken up again. */
const WATCH_RETRY = 500;

/** Which objects of a list are watched; all of them unless given. */
export interface Selector {
    readonly fieldSelector?: string;
    readonly labelSelector?: string;
}

/** A watched list: what is there now, until it is stopped. */
export interface WatchedList<T> extends ObjectCache<T> {
    stop(): Promise<void>;
}

/** What a list is watched by. */
export interface ListWatcherOptions<T extends KubernetesObject> {
    /** List path, for example `/api/v1/pods`. */
    readonly path: string;
    readonly list: () => Promise<KubernetesListObject<T>>;
    /** Told of every object that came, changed or went. */
    readonly changed: (object: T, gone: boolean) => void;
    readonly selector?: Selector;
}

/**
 * A watch that is aborted as soon as it stands, where it was given up while it was being set up: the informer knows a request only once it has
 * been answered.
 */
class AbandonableWatch extends Watch {
    abandoned = false;

    override async watch(...args: Parameters<Watch["watch"]>): Promise<AbortController> {
        const controller = await super.watch(...args);
        if (this.abandoned) controller.abort();
        return controller;
    }
}

/** Keeps a list current by a watch, and takes a broken watch up again until it is stopped. */
export class ListWatcher<T extends KubernetesObject> implements WatchedList<T> {
    readonly #informer: ListWatch<T>;
    readonly #watch: AbandonableWatch;
    #timer: NodeJS.Timeout | undefined;
    #stopped = false;

    constructor(config: KubeConfig, options: ListWatcherOptions<T>) {
        const { path, list, changed, selector = {} } = options;
        this.#watch = new AbandonableWatch(config);
        this.#informer = new ListWatch<T>(
            path,
            this.#watch,
            list,
            false,
            selector.labelSelector,
            selector.fieldSelector,
            { delayFn: (wait) => delay(Math.min(wait, WATCH_RETRY)) },
        );
        const tell = (gone: boolean) => (object: T) => {
            if (!this.#stopped) changed(object, gone);
        };
        this.#informer.on("add", tell(false));
        this.#informer.on("update", tell(false));
        this.#informer.on("delete", tell(true));
        this.#informer.on("error", () => {
            this.#again();
        });
    }

    /** Resolves once the list was read, or reading it failed for the first time. */
    async start(): Promise<void> {
        if (this.#stopped) return;
        try {
            await this.#informer.start();
        } catch {
            this.#again();
        }
    }

    get(name: string, namespace?: string): T | undefined {
        return this.#informer.get(name, namespace);
    }

    list(namespace?: string): readonly T[] {
        return this.#informer.list(namespace);
    }

    async stop(): Promise<void> {
        this.#stopped = true;
        this.#watch.abandoned = true;
        clearTimeout(this.#timer);
        await this.#informer.stop();
    }

    #again(): void {
        clearTimeout(this.#timer);
        if (!this.#stopped) this.#timer = setTimeout(() => void this.start(), WATCH_RETRY);
    }
}
