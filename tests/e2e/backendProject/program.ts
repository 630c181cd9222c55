// A program with a secret output; it waits as long as the file that its config names is there, and says that it does.
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const hold = new pulumi.Config("sovereign").get("hold");
if (hold !== undefined && existsSync(hold)) writeFileSync(`${hold}.reached`, "");
while (hold !== undefined && existsSync(hold)) await delay(25);

const made = new random.RandomPassword("made", { length: 24 });
export const password = made.result;
