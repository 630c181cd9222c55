/**
 * A location, in the API's own shape.
 * Source: https://docs.hetzner.com/cloud/general/locations and the API's `/locations`.
 */
export interface Location {
    readonly id: number;
    readonly name: string;
    readonly description: string;
    readonly country: string;
    readonly city: string;
    readonly latitude: number;
    readonly longitude: number;
    readonly network_zone: string;
}

export const LOCATIONS: readonly Location[] = [
    {
        id: 1,
        name: "fsn1",
        description: "Falkenstein DC Park 1",
        country: "DE",
        city: "Falkenstein",
        latitude: 50.47612,
        longitude: 12.370071,
        network_zone: "eu-central",
    },
    {
        id: 2,
        name: "nbg1",
        description: "Nuremberg DC Park 1",
        country: "DE",
        city: "Nuremberg",
        latitude: 49.452102,
        longitude: 11.076665,
        network_zone: "eu-central",
    },
    {
        id: 3,
        name: "hel1",
        description: "Helsinki DC Park 1",
        country: "FI",
        city: "Helsinki",
        latitude: 60.169855,
        longitude: 24.938379,
        network_zone: "eu-central",
    },
    {
        id: 4,
        name: "ash",
        description: "Ashburn, VA",
        country: "US",
        city: "Ashburn, VA",
        latitude: 39.045821,
        longitude: -77.487073,
        network_zone: "us-east",
    },
    {
        id: 5,
        name: "hil",
        description: "Hillsboro, OR",
        country: "US",
        city: "Hillsboro, OR",
        latitude: 45.54222,
        longitude: -122.951924,
        network_zone: "us-west",
    },
    {
        id: 6,
        name: "sin",
        description: "Singapore",
        country: "SG",
        city: "Singapore",
        latitude: 1.283333,
        longitude: 103.833333,
        network_zone: "ap-southeast",
    },
];

export const NETWORK_ZONES = [...new Set(LOCATIONS.map((location) => location.network_zone))];

/** A location by id or name. */
export function findLocation(idOrName: string | number): Location | undefined {
    return LOCATIONS.find(
        (location) => location.name === idOrName || String(location.id) === String(idOrName),
    );
}

/** A location that the state speaks of. */
export function locationOf(name: string): Location {
    const location = findLocation(name);
    if (location === undefined) throw new Error(`the catalogue has no location ${name}`);
    return location;
}
