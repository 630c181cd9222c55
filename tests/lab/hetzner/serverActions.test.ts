// Proves what is done with a server that exists: power, locks, types, placement groups, protection, snapshots, volumes.
// Does not prove what a machine does once it is on; the machines' own tests do.
import assert from "node:assert/strict";
import { BASE, invalid, serverFixture } from "./serverFixture.ts";

describe("lab/hetzner server actions", () => {
    const f = serverFixture();
    const { create, path, read } = f;

    it("switches power, and is locked meanwhile", async () => {
        const server = await create();
        f.cloud.injectFault({ kind: "slow_action", command: "stop_server", milliseconds: 200 });
        const off = await f.api.send("POST", path(server, "poweroff"), {});
        assert.equal(String((await read(server)).status), "stopping");
        assert.equal(String((await read(server)).locked), "true");
        await f.api.refused(
            "POST",
            path(server, "poweron"),
            {},
            {
                status: 423,
                code: "locked",
                message: "cannot perform operation because server is locked",
            },
        );
        await f.api.ended(off.body.action);
        assert.equal(String((await read(server)).status), "off");
        await f.api.refused(
            "POST",
            path(server, "reboot"),
            {},
            {
                status: 422,
                code: "server_not_running",
                message: "server is not running",
            },
        );
        const before = f.machines.calls.length;
        for (const action of ["poweron", "reboot", "reset", "shutdown"])
            await f.api.done("POST", path(server, action), {});
        const name = `server-${f.count}`;
        assert.deepEqual(
            f.machines.calls.slice(before),
            ["powerOn", "powerOff", "powerOn", "powerOff", "powerOn", "powerOff"].map(
                (call) => `${call} ${name}`,
            ),
        );
    });

    it("reports a machine that doesn't start", async () => {
        f.machines.failure = new Error("no user data");
        const answer = await f.api.send("POST", "/servers", { ...BASE, name: "broken" });
        const [start] = answer.body.next_actions as unknown as object[];
        assert.deepEqual(
            await f.api.ended(start).then(({ status, error }) => ({ status, error })),
            {
                status: "error",
                error: { code: "action_failed", message: "no user data" },
            },
        );
        assert.ok(answer.body.server);
        assert.equal(String((await read(answer.body.server)).status), "off");
    });

    it("changes type only when stopped, to one that fits, and starts again by itself", async () => {
        const server = await create();
        const to = (server_type: string) => ({ server_type, upgrade_disk: false });
        await f.api.refused("POST", path(server, "change_type"), to("cx33"), {
            status: 422,
            code: "server_not_stopped",
            message: "server must be stopped",
        });
        await f.api.done("POST", path(server, "poweroff"), {});
        for (const type of ["cax11", "cx23", "nothing"])
            await f.api.refused("POST", path(server, "change_type"), to(type), {
                status: 422,
                code: "invalid_server_type",
                message: "server type does not fit for the given server",
            });
        await f.api.done("POST", path(server, "change_type"), to("cx33"));
        const now = await read(server);
        assert.deepEqual(
            [String(now.server_type?.name), Number(now.primary_disk_size), String(now.status)],
            ["cx33", 40, "running"],
        );
    });

    it("spreads at most ten servers in a group", async () => {
        const { placement_group: group } = await f.api.done("POST", "/placement_groups", {
            name: "spread",
            type: "spread",
        });
        const id = Number(group?.id);
        const members = [];
        for (let index = 0; index < 10; index++)
            members.push(await create({ placement_group: id }));
        await f.api.refused(
            "POST",
            "/servers",
            { ...BASE, name: "eleventh", placement_group: id },
            {
                status: 422,
                code: "placement_error",
                message: "placement group already holds 10 servers",
            },
        );
        const [first] = members;
        assert.ok(first);
        await f.api.refused(
            "POST",
            path(first, "remove_from_placement_group"),
            {},
            {
                status: 422,
                code: "server_not_stopped",
                message: "server must be stopped",
            },
        );
        await f.api.refused("DELETE", `/placement_groups/${id}`, undefined, {
            status: 422,
            code: "resource_in_use",
            message: `placement group with ID ${id} is still in use`,
        });
        await f.api.done("POST", path(first, "poweroff"), {});
        await f.api.done("POST", path(first, "remove_from_placement_group"), {});
        await f.api.done("POST", path(first, "add_to_placement_group"), { placement_group: id });
        await f.api.refused(
            "POST",
            path(first, "add_to_placement_group"),
            { placement_group: id },
            {
                status: 422,
                code: "already_in_placement_group",
                message: "server is already part of a placement group",
            },
        );
        for (const member of members) await f.api.done("DELETE", path(member));
    });

    it("protects deletion and rebuild together", async () => {
        const server = await create();
        await f.api.refused(
            "POST",
            path(server, "change_protection"),
            { delete: true, rebuild: false },
            invalid("invalid input in field 'rebuild'"),
        );
        await f.api.done("POST", path(server, "change_protection"), {
            delete: true,
            rebuild: true,
        });
        await f.api.refused("DELETE", path(server), undefined, {
            status: 423,
            code: "protected",
            message: "server is delete protected",
        });
        await f.api.refused(
            "POST",
            path(server, "rebuild"),
            { image: "debian-12" },
            {
                status: 423,
                code: "protected",
                message: "server is rebuild protected",
            },
        );
        await f.api.done("POST", path(server, "change_protection"), {
            delete: false,
            rebuild: false,
        });
        await f.api.done("POST", path(server, "rebuild"), { image: "debian-12" });
        assert.equal(String((await read(server)).image?.name), "debian-12");
    });

    it("makes snapshots that servers are created from", async () => {
        const server = await create();
        const { image } = await f.api.done("POST", path(server, "create_image"), {
            type: "snapshot",
            description: "before",
        });
        const id = Number(image?.id);
        const copy = await create({ image: id });
        assert.equal(String((await read(copy)).image?.description), "before");
        await f.api.done("POST", `/images/${id}/actions/change_protection`, { delete: true });
        await f.api.refused("DELETE", `/images/${id}`, undefined, {
            status: 423,
            code: "protected",
            message: "snapshot deletion is protected",
        });
    });

    it("attaches, grows and detaches volumes", async () => {
        const server = await create();
        const body = { name: "data", size: 10, server: Number(server.id) };
        await f.api.refused(
            "POST",
            "/volumes",
            { ...body, size: 9 },
            invalid("invalid input in field 'size'"),
        );
        const { volume } = await f.api.done("POST", "/volumes", body);
        const volumePath = `/volumes/${Number(volume?.id)}`;
        assert.equal(
            String(volume?.linux_device),
            `/dev/disk/by-id/scsi-0HC_Volume_${Number(volume?.id)}`,
        );
        await f.api.refused("DELETE", volumePath, undefined, {
            status: 422,
            code: "service_error",
            message: "volume is still attached to a server",
        });
        await f.api.refused(
            "POST",
            `${volumePath}/actions/resize`,
            { size: 10 },
            invalid("invalid input in field 'size'"),
        );
        await f.api.done("POST", `${volumePath}/actions/resize`, { size: 20 });
        await f.api.done("POST", `${volumePath}/actions/detach`, {});
        const away = await create({ location: "hel1" });
        await f.api.refused(
            "POST",
            `${volumePath}/actions/attach`,
            { server: Number(away.id) },
            invalid("volume and server are in different locations"),
        );
        await f.api.done("DELETE", volumePath);
    });
});
