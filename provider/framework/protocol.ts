/**
 * The generated protocol classes that ship with `@pulumi/pulumi`, under one roof: they are CommonJS modules whose exports
 * only exist at run time, so that only their default import works from an ES module.
 */
import anyProto from "google-protobuf/google/protobuf/any_pb.js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import structProto from "google-protobuf/google/protobuf/struct_pb.js";
import engineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineProto from "@pulumi/pulumi/proto/engine_pb.js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import providerServices from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import statusProto from "@pulumi/pulumi/proto/status_pb.js";

export {
    anyProto,
    emptyProto,
    engineProto,
    engineServices,
    pluginProto,
    providerProto,
    providerServices,
    statusProto,
    structProto,
};
export type { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
export type { JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb.js";
export type * from "@pulumi/pulumi/proto/provider_pb.js";
export type { PluginAttach, PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
