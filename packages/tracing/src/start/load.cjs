// What is loaded in the call that needs it: by way of CommonJS, for an ES module can wait for nothing it loads later, and
// a bundler takes in what stands here. NodeSDK's 500 files load for a quarter less CPU so than as ES modules, in a
// program of either kind.
exports.loadStart = () => require("#start");

exports.loadNodeSdk = () => ({
  NodeSDK: require("@opentelemetry/sdk-node").NodeSDK,
  resourceFromAttributes: require("@opentelemetry/resources").resourceFromAttributes,
});

// OpenTelemetry's API has a copy for CommonJS beside the one for ES modules. It is asked for only where somebody has it
// already; in a bundle, where nothing can be looked up, it is a part of the bundle.
exports.commonJsApi = (ifLoaded) => {
  if (ifLoaded) {
    try {
      const path = require.resolve("@opentelemetry/api");
      if (require.cache !== undefined && require.cache[path] === undefined) return undefined;
    } catch {
      // There is no such look-up in a bundle.
    }
  }
  return require("@opentelemetry/api");
};
