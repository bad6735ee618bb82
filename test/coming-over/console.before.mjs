console.error("order %d failed", 3, new RangeError("no stock for ada@example.org"));
