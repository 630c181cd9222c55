import type { Check } from "../check.ts";
import { hostAddresses, mailExchanger, reverseNames } from "./addresses.ts";
import { blocklists } from "./blocklists.ts";
import { closedPorts } from "./closedPorts.ts";
import { drift, queue } from "./cluster.ts";
import { endToEnd, seedMailbox } from "./delivery.ts";
import { signingKeys } from "./dkim.ts";
import { egressAddress, wayOut } from "./egress.ts";
import {
    certificateAuthorities,
    dmarcPolicy,
    greetingPolicy,
    reportAddress,
    senderPolicy,
    silentNames,
} from "./sender.ts";
import { foreignSender, inboundServer, mailboxes, openRelay, submissionServer } from "./server.ts";
import { pinnedKey, transportPolicy } from "./transport.ts";

/** Every check, in the order of their numbers. */
export const CHECKS: readonly Check[] = [
    hostAddresses,
    mailExchanger,
    senderPolicy,
    greetingPolicy,
    signingKeys,
    dmarcPolicy,
    transportPolicy,
    reportAddress,
    pinnedKey,
    silentNames,
    certificateAuthorities,
    reverseNames,
    egressAddress,
    blocklists,
    wayOut,
    inboundServer,
    submissionServer,
    foreignSender,
    openRelay,
    mailboxes,
    closedPorts,
    queue,
    drift,
    endToEnd,
    seedMailbox,
];
