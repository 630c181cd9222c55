// Proves: which location and types a placement chooses, that stock never moves a choice that is still allowed, and what
// is said when nothing fits. Does not prove: what Hetzner's API answers (hetznerCatalogue.test.ts does).
import assert from "node:assert/strict";
import fc from "fast-check";

import {
    type Candidates,
    type Catalogue,
    choose,
    stillAllowed,
} from "../../../provider/cloud/chooser.ts";

const catalogue: Catalogue = {
    locations: [
        { name: "fsn1", networkZone: "eu-central" },
        { name: "nbg1", networkZone: "eu-central" },
        { name: "ash", networkZone: "us-east" },
    ],
    serverTypes: [
        { name: "cx43", architecture: "x86", offeredIn: ["fsn1", "nbg1"], availableIn: ["nbg1"] },
        { name: "cpx42", architecture: "x86", offeredIn: ["fsn1", "nbg1"], availableIn: ["fsn1"] },
        { name: "cax31", architecture: "arm", offeredIn: ["fsn1"], availableIn: [] },
    ],
};

describe("placement", () => {
    it("takes the first location in which any candidate can be ordered", () => {
        assert.deepEqual(
            choose(
                {
                    locations: ["fsn1", "nbg1"],
                    controlPlaneTypes: ["cx43", "cpx42"],
                    workerTypes: [],
                },
                catalogue,
            ),
            {
                location: "fsn1",
                networkZone: "eu-central",
                controlPlaneType: "cpx42",
                workerType: "",
                architecture: "x86",
            },
        );
    });

    it("goes on to the next location when workers cannot be ordered in the first", () => {
        const choice = choose(
            {
                locations: ["fsn1", "nbg1"],
                controlPlaneTypes: ["cpx42", "cx43"],
                workerTypes: ["cx43"],
            },
            catalogue,
        );
        assert.equal(choice.location, "nbg1");
        assert.equal(choice.controlPlaneType, "cx43");
        assert.equal(choice.workerType, "cx43");
    });

    it("says per location what is missing when nothing fits", () => {
        assert.throws(
            () =>
                choose(
                    {
                        locations: ["ash", "fsn1", "mars1"],
                        controlPlaneTypes: ["cx43", "cax31"],
                        workerTypes: ["cx99"],
                    },
                    catalogue,
                ),
            {
                message: [
                    "no location can take this Sovereign now:",
                    "  ash: control planes: cx43 not offered here, cax31 not offered here; workers: cx99 unknown",
                    "  fsn1: control planes: cx43 out of stock, cax31 out of stock; workers: cx99 unknown",
                    "  mars1: control planes: cx43 not offered here, cax31 not offered here; workers: cx99 unknown",
                    "Not known to Hetzner: mars1, cx99.",
                    "Add candidates (sovereign:locations, sovereign:controlPlaneTypes, sovereign:workerTypes) or try again later; current stock: `hcloud server-type list -o columns=name,location`.",
                ].join("\n"),
            },
        );
    });

    it("keeps a choice exactly while every part of it is a candidate", () => {
        const candidates: Candidates = {
            locations: ["fsn1", "nbg1"],
            controlPlaneTypes: ["cx43"],
            workerTypes: ["cpx42"],
        };
        const choice = {
            location: "nbg1",
            networkZone: "eu-central",
            controlPlaneType: "cx43",
            workerType: "cpx42",
            architecture: "x86",
        } as const;
        assert.equal(stillAllowed(choice, candidates), true);
        assert.equal(stillAllowed(choice, { ...candidates, locations: ["fsn1"] }), false);
        assert.equal(stillAllowed(choice, { ...candidates, controlPlaneTypes: ["cx53"] }), false);
        assert.equal(stillAllowed(choice, { ...candidates, workerTypes: [] }), false);
        assert.equal(stillAllowed({ ...choice, workerType: "" }, candidates), false);
    });

    it("only ever chooses what is a candidate and can be ordered", () => {
        const names = ["a", "b", "c"];
        const subset = fc.subarray(names, { minLength: 1 });
        fc.assert(
            fc.property(
                subset,
                subset,
                fc.subarray(names),
                fc.array(subset, { minLength: 3, maxLength: 3 }),
                (locations, controlPlaneTypes, workerTypes, stock) => {
                    const offers: Catalogue = {
                        locations: names.map((name) => ({ name, networkZone: "z" })),
                        serverTypes: names.map((name, i) => ({
                            name,
                            architecture: "x86",
                            offeredIn: names,
                            availableIn: stock[i] ?? [],
                        })),
                    };
                    const candidates = { locations, controlPlaneTypes, workerTypes };
                    const orderable = (types: readonly string[], location: string) =>
                        types.some((t) =>
                            offers.serverTypes
                                .find((o) => o.name === t)
                                ?.availableIn.includes(location),
                        );
                    const possible = locations.find(
                        (l) =>
                            orderable(controlPlaneTypes, l) &&
                            (workerTypes.length === 0 || orderable(workerTypes, l)),
                    );
                    if (possible === undefined) {
                        assert.throws(() => choose(candidates, offers));
                        return;
                    }
                    const choice = choose(candidates, offers);
                    assert.equal(choice.location, possible);
                    assert.ok(stillAllowed(choice, candidates));
                },
            ),
        );
    });
});
