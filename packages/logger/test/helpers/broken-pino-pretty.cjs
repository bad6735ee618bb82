exports.prettyFactory = () => () => {
  throw new Error("Broken");
};
