import type * as api from "@opentelemetry/api" with { "resolution-mode": "import" };
import type * as otlpGrpc from "@opentelemetry/exporter-trace-otlp-grpc" with { "resolution-mode": "import" };
import type * as otlpHttp from "@opentelemetry/exporter-trace-otlp-http" with { "resolution-mode": "import" };
import type * as zipkin from "@opentelemetry/exporter-zipkin" with { "resolution-mode": "import" };
import type * as resources from "@opentelemetry/resources" with { "resolution-mode": "import" };
import type * as sdk from "@opentelemetry/sdk-node" with { "resolution-mode": "import" };
import type * as sdkTrace from "@opentelemetry/sdk-trace" with { "resolution-mode": "import" };
import type * as clients from "../drivers/clients/kinds.ts" with { "resolution-mode": "import" };
import type * as assemble from "./assemble.ts" with { "resolution-mode": "import" };

/** What starts tracing. */
export declare function loadStart(): typeof assemble;

/** What traces clients. */
export declare function loadClients(): typeof clients;

/** What metrics, logs and instrumentations need. */
export declare function loadNodeSdk(): typeof sdk;

/** What OpenTelemetry's own parts are told of who sends. */
export declare function loadResources(): typeof resources;

/** OpenTelemetry's own exporters, by what they speak. */
export declare function loadSdkTrace(): typeof sdkTrace;
export declare function loadOtlpHttpExporter(): typeof otlpHttp;
export declare function loadOtlpGrpcExporter(): typeof otlpGrpc;
export declare function loadZipkinExporter(): typeof zipkin;

/** The version of this package. */
export declare function ownVersion(): string;

/** The modules of CommonJS that are loaded, by the paths of their files. */
export declare function loadedModules(): Readonly<Record<string, { readonly exports: unknown }>>;

/** The copies of the API that are loaded as CommonJS, of whatever version. */
export declare function loadedApis(): readonly (typeof api)[];

/** The API's copy for CommonJS. */
export declare function commonJsApi(): typeof api;
