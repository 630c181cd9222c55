import type {
    JmapRequest,
    JsonObject,
    MethodCall,
} from "../../components/mail/stalwartRequests.ts";

/** What a plan leaves in a server's registry: objects by type and reference, `singleton` for settings. */
export type Registry = ReadonlyMap<string, ReadonlyMap<string, JsonObject>>;

function isObject(value: unknown): value is JsonObject {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function objectsOf(value: unknown, where: string): [string, JsonObject][] {
    if (!isObject(value)) throw new Error(`${where}: expected an object`);
    return Object.entries(value).map(([ref, properties]) => {
        if (!isObject(properties)) throw new Error(`${where} ${ref}: expected an object`);
        return [ref, properties];
    });
}

class RegistryBuilder {
    readonly objects = new Map<string, Map<string, JsonObject>>();

    #ofType(type: string): Map<string, JsonObject> {
        const known = this.objects.get(type) ?? new Map<string, JsonObject>();
        this.objects.set(type, known);
        return known;
    }

    /** Plays one method call; throws on any that the plan has no use for. */
    apply([method, args]: MethodCall, file: string): void {
        const match = /^x:([A-Za-z]+)\/(query|set)$/.exec(method);
        const [, type, verb] = match ?? [];
        if (type === undefined) throw new Error(`${file}: unknown method ${method}`);
        if (verb === "query") return;
        for (const [key, value] of Object.entries(args)) {
            const where = `${file}: ${type} ${key}`;
            if (key === "#destroy") this.#ofType(type).clear();
            else if (key === "create")
                for (const [ref, properties] of objectsOf(value, where))
                    this.#ofType(type).set(ref, properties);
            else if (key === "update")
                for (const [ref, properties] of objectsOf(value, where))
                    this.#ofType(type).set(ref, { ...this.#ofType(type).get(ref), ...properties });
            else throw new Error(`${where}: unknown argument`);
        }
    }
}

function parse(file: string, text: string): JmapRequest {
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch {
        throw new Error(`${file} of the plan is not JSON`);
    }
    if (!isObject(value) || !Array.isArray(value.methodCalls))
        throw new Error(`${file} of the plan is not a JMAP request`);
    return value as unknown as JmapRequest;
}

/**
 * The registry of an empty store after a plan's request files were applied in order: `e<N>-create-…` first, then `r<N>`.
 * The `-update-` twins only matter on a store that is not empty. Throws on files and calls that it does not know.
 */
export function applyPlan(files: Readonly<Record<string, string>>): Registry {
    const builder = new RegistryBuilder();
    const names = Object.keys(files).sort();
    const unknown = names.filter(
        (name) => !/^(e\d+-(create|update)-[a-z]+|r\d+)\.json$/.test(name),
    );
    if (unknown.length > 0) throw new Error(`unknown files in the plan: ${unknown.join(", ")}`);
    for (const name of names) {
        const request = parse(name, files[name] ?? "");
        if (name.includes("-update-")) continue;
        for (const call of request.methodCalls) builder.apply(call, name);
    }
    return builder.objects;
}
