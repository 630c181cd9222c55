import { NO_RECORDS } from "./accountState.ts";
import type { AccountState } from "./accountState.ts";

const YEAR = 365 * 24 * 3600 * 1000;

/**
 * The account that a new lab starts with: the domain of the `dev` stack, registered and parked, and a pool domain on
 * Dynadot's own DNS that holds records of other people.
 *
 * @param now - milliseconds since 1970
 */
export function seedAccount(now: number): AccountState {
    const registered = { registration: now, expiration: now + YEAR };
    return {
        domains: [
            {
                ...registered,
                name: "omantel.example",
                mode: "parking",
                nameServers: [],
                hosted: NO_RECORDS,
                ds: [],
            },
            {
                ...registered,
                name: "omani-dynadot.example",
                mode: "dynadot-dns",
                nameServers: [],
                hosted: {
                    main: [
                        { type: "a", value: "192.0.2.80" },
                        { type: "mx", value: "mail.omani-dynadot.example", value2: "10" },
                        { type: "txt", value: "v=spf1 mx -all" },
                    ],
                    sub: [
                        { subhost: "mail", type: "a", value: "192.0.2.25" },
                        { subhost: "www", type: "cname", value: "omani-dynadot.example" },
                        {
                            subhost: "shop",
                            type: "forward",
                            value: "https://shop.example/",
                            value2: "1",
                        },
                    ],
                    ttl: 1800,
                },
                ds: [],
            },
        ],
        hosts: [],
        nextHostId: 5262350,
    };
}
