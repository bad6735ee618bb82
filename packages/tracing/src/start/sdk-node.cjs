// What starts the SDK, by way of CommonJS: Node loads its 500 files for a quarter less CPU so than as ES modules, in a
// program of either kind. And CommonJS programs have the API's other copy, which must find our provider, too.
exports.NodeSDK = require("@opentelemetry/sdk-node").NodeSDK;
exports.resourceFromAttributes = require("@opentelemetry/resources").resourceFromAttributes;
exports.commonJsApi = require("@opentelemetry/api");
