import type * as api from "@opentelemetry/api" with { "resolution-mode": "import" };
import type * as resources from "@opentelemetry/resources" with { "resolution-mode": "import" };
import type * as sdk from "@opentelemetry/sdk-node" with { "resolution-mode": "import" };

export declare const NodeSDK: typeof sdk.NodeSDK;
export declare const resourceFromAttributes: typeof resources.resourceFromAttributes;
export declare const commonJsApi: typeof api;
