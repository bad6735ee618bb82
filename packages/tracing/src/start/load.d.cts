import type * as api from "@opentelemetry/api" with { "resolution-mode": "import" };
import type * as resources from "@opentelemetry/resources" with { "resolution-mode": "import" };
import type * as sdk from "@opentelemetry/sdk-node" with { "resolution-mode": "import" };
import type * as assemble from "./assemble.ts" with { "resolution-mode": "import" };

/** What starts tracing. */
export declare function loadStart(): typeof assemble;

/** What NodeSDK is made of. */
export declare function loadNodeSdk(): {
  readonly NodeSDK: typeof sdk.NodeSDK;
  readonly resourceFromAttributes: typeof resources.resourceFromAttributes;
};

/** The API's copy for CommonJS. */
export declare function commonJsApi(ifLoaded: true): typeof api | undefined;
export declare function commonJsApi(ifLoaded: false): typeof api;
