// What is loaded in the call that needs it: by way of CommonJS, for an ES module can wait for nothing it loads later, and
// a bundler takes in what stands here. NodeSDK's 500 files load for a quarter less CPU so than as ES modules, in a
// program of either kind.
exports.loadStart = () => require("#start");

exports.loadClients = () => require("#clients");

exports.loadNodeSdk = () => require("@opentelemetry/sdk-node");

exports.loadResources = () => require("@opentelemetry/resources");

// OpenTelemetry's own exporters, each with what it needs: gRPC alone is 150 files.
exports.loadSdkTrace = () => require("@opentelemetry/sdk-trace");
exports.loadOtlpHttpExporter = () => require("@opentelemetry/exporter-trace-otlp-http");
exports.loadOtlpGrpcExporter = () => require("@opentelemetry/exporter-trace-otlp-grpc");
exports.loadZipkinExporter = () => require("@opentelemetry/exporter-zipkin");

exports.ownVersion = () => require("../../package.json").version;

// By the paths of their files: modules of CommonJS, which an ES module may have imported. A bundle has none of its own.
exports.loadedModules = () => require.cache ?? {};

// OpenTelemetry's API has a copy for CommonJS beside the one for ES modules, and there may be other versions of it. They
// are asked for only where somebody has them already; in a bundle, where nothing can be looked up, one is a part of it.
const API = /[\\/]@opentelemetry[\\/]api[\\/](?:dist|build[\\/]src)[\\/]index\.c?js$/;

exports.loadedApis = () => {
  const copies = Object.entries(exports.loadedModules())
    .filter(([path]) => API.test(path))
    .map(([, loaded]) => loaded.exports);
  try {
    require.resolve("@opentelemetry/api");
  } catch {
    copies.push(require("@opentelemetry/api"));
  }
  return copies.filter((copy) => typeof copy.trace?.setGlobalTracerProvider === "function");
};

exports.commonJsApi = () => require("@opentelemetry/api");
