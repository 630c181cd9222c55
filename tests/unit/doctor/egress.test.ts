// Proves what the doctor makes of the nodes' and the pod's looks at the way out: what passes, what fails, and what counts as unseen.
// Does not prove that they are published: tests/charts/egressProbe.test.ts, tests/unit/cluster/mailProbe.test.ts and the end-to-end
// test of the doctor do.
import assert from "node:assert/strict";
import { egressAddress, wayOut } from "../../../operations/doctor/checks/egress.ts";
import type { ClusterView } from "../../../operations/doctor/clusterView.ts";
import { examine, type CheckResult } from "../../../operations/doctor/doctor.ts";
import type { ProbeResult } from "../../../operations/doctor/probe.ts";
import { patient, SUBJECT } from "./patient.ts";

const TARGET = "mx.mailbox.example:25";

/** What is seen where all is well, of an hour before the examination, with changes to the one attempt. */
const seen = (
    attempt: Partial<ProbeResult["attempts"][number]> = {},
    observedAt = "2026-11-24T04:00:00Z",
): ProbeResult => ({
    observedAt,
    attempts: [{ target: TARGET, open: true, answer: "220 mx", sees: "198.51.100.1", ...attempt }],
});
const CLOSED = { open: false, answer: "no answer in 15 s", sees: null };
const OLD = "2026-11-23T04:00:00Z";

interface Look {
    readonly node?: ProbeResult;
    readonly pod?: ProbeResult;
    /** Node of the mail server's pod. @default cp1 */
    readonly server?: string;
    readonly egress?: "all" | "smart-host";
}

async function examined({ node, pod, server = "cp1", egress = "all" }: Look) {
    const examination = patient({ subject: { mail: { ...SUBJECT.mail, egress } } });
    const cluster: ClusterView = {
        ...examination.cluster,
        nodes: () => Promise.resolve([{ key: "cp1", result: node }]),
        podProbe: () => Promise.resolve(pod && { key: "cp1", result: pod }),
        mailPod: () => Promise.resolve({ key: server, annotations: {} }),
    };
    const { checks } = await examine(
        { ...examination, cluster },
        { checks: [egressAddress, wayOut] },
    );
    const [address, way] = checks as [CheckResult, CheckResult];
    const words = ({ status, problems, evidence }: CheckResult) =>
        [status, ...(status === "fail" ? problems : [evidence])].join(": ");
    return [words(address), words(way)];
}

const CASES: readonly (readonly [string, Look, string, string])[] = [
    [
        "node and pod see the same, as published",
        { node: seen(), pod: seen() },
        "pass: pod on cp1 = 198.51.100.1, node cp1 = 198.51.100.1",
        `pass: pod on cp1 to ${TARGET}: 220 mx, node cp1 to ${TARGET}: 220 mx`,
    ],
    [
        "the pod leaves by another address",
        { node: seen(), pod: seen({ sees: "198.51.100.77" }) },
        "fail: the pod on cp1 leaves by 198.51.100.77, which is not among 198.51.100.1",
        `pass: pod on cp1 to ${TARGET}: 220 mx, node cp1 to ${TARGET}: 220 mx`,
    ],
    [
        "the port is blocked",
        { node: seen(CLOSED), pod: seen(CLOSED) },
        "unknown: no server that the pod greeted told which address it sees",
        `fail: the pod on cp1 does not reach ${TARGET}: no answer in 15 s: the node cp1 does not reach ${TARGET}: no answer in 15 s`,
    ],
    [
        "no pod has looked",
        { node: seen() },
        "unknown: no pod has looked at the way out yet (CronJob stalwart-probe)",
        "unknown: no pod has looked at the way out yet (CronJob stalwart-probe)",
    ],
    [
        "the node has published nothing",
        { pod: seen() },
        "pass: pod on cp1 = 198.51.100.1",
        "unknown: nothing current is published by cp1",
    ],
    [
        "the looks are of the day before",
        { node: seen({}, OLD), pod: seen({}, OLD) },
        `unknown: the last look of a pod is of ${OLD}`,
        `unknown: the last look of a pod is of ${OLD}`,
    ],
    [
        "the mail server has moved since",
        { node: seen(), pod: seen(), server: "w1" },
        "unknown: a pod looked from cp1, and the mail server runs on w1 now",
        "unknown: a pod looked from cp1, and the mail server runs on w1 now",
    ],
    [
        "mail leaves by a smart host that tells no address, past a blocked port",
        { egress: "smart-host", node: seen(CLOSED), pod: seen({ sees: null }) },
        "skipped: the smart host does not tell which address it sees",
        `pass: pod on cp1 to ${TARGET}: 220 mx`,
    ],
];

describe("what the doctor makes of the way out", () => {
    for (const [name, look, address, way] of CASES)
        it(`where ${name}`, async () => {
            assert.deepEqual(await examined(look), [address, way]);
        });
});
