/** A system image. */
export interface SystemImage {
    readonly id: number;
    readonly name: string;
    readonly description: string;
    readonly osFlavor: string;
    readonly osVersion: string;
    readonly architecture: "x86" | "arm";
    /** RFC 3339. */
    readonly created: string;
}

/**
 * System images. Ids are those of the API's `/images` where they are known (ubuntu-24.04 for x86 is 161547269), the
 * lab's own for ubuntu-26.04.
 */
export const SYSTEM_IMAGES: readonly SystemImage[] = [
    image(67794396, "ubuntu-22.04", "Ubuntu 22.04", "x86", "2022-04-21T13:32:38Z"),
    image(103908130, "ubuntu-22.04", "Ubuntu 22.04", "arm", "2023-03-20T10:10:04Z"),
    image(114690387, "debian-12", "Debian 12", "x86", "2023-06-13T06:00:02Z"),
    image(114690389, "debian-12", "Debian 12", "arm", "2023-06-13T06:00:02Z"),
    image(161547269, "ubuntu-24.04", "Ubuntu 24.04", "x86", "2024-04-25T13:26:27Z"),
    image(161547270, "ubuntu-24.04", "Ubuntu 24.04", "arm", "2024-04-25T13:26:51Z"),
    image(400000001, "ubuntu-26.04", "Ubuntu 26.04", "x86", "2026-07-22T00:00:00Z"),
    image(400000002, "ubuntu-26.04", "Ubuntu 26.04", "arm", "2026-07-22T00:00:00Z"),
];

function image(
    id: number,
    name: string,
    description: string,
    architecture: SystemImage["architecture"],
    created: string,
): SystemImage {
    const [osFlavor = "", osVersion = ""] = name.split("-");
    return { id, name, description, osFlavor, osVersion, architecture, created };
}

/** The API's shape. */
export function systemImageView(entry: SystemImage) {
    return {
        id: entry.id,
        type: "system",
        status: "available",
        name: entry.name,
        description: entry.description,
        image_size: null,
        disk_size: 5,
        created: entry.created,
        created_from: null,
        bound_to: null,
        os_flavor: entry.osFlavor,
        os_version: entry.osVersion,
        rapid_deploy: true,
        protection: { delete: false },
        deprecated: null,
        deleted: null,
        labels: {} as Record<string, string>,
        architecture: entry.architecture,
    };
}
