/**
 * What `make` gives, made when it is first asked for: patterns with classes of Unicode, each of which takes up to a millisecond,
 * and most services never ask.
 */
export function lazily<Made extends object>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
