// Compiled as by a user who has no DOM, no Node and no `skipLibCheck`: what the core and the suite declare stands by itself.
export * as conformance from "@pipe512/conformance";
export * as core from "@pipe512/core";
export * as diagnostics from "@pipe512/core/diagnostics";
export * as shared from "@pipe512/core/shared";
export * as sync from "@pipe512/core/sync";
