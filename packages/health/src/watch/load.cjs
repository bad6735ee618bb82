// What is loaded in the call that needs it: by way of CommonJS, for an ES module can wait for nothing it loads later, and
// a bundler takes in what stands here.
exports.loadRedaction = () => require("@whodunit/redaction");
