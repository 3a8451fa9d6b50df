// Compiled as by a user without the DOM, Node or `skipLibCheck`: the declarations of the core and the suite need nothing else.
export * as conformance from "@pipe512/conformance";
export * as core from "@pipe512/core";
export * as diagnostics from "@pipe512/core/diagnostics";
export * as shared from "@pipe512/core/shared";
export * as sync from "@pipe512/core/sync";
