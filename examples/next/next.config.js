/** @type {import("next").NextConfig} */
export default {
  // They are loaded as they are: server.js has the same.
  serverExternalPackages: ["@whodunit/health", "@whodunit/logger", "@whodunit/tracing"],
};
