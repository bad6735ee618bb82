import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyText } from "../../../../test/helpers/any-text.ts";
import { runs } from "../../../../test/helpers/scale.ts";
import { type Dialect, readStatement } from "../../src/drivers/sql.ts";

const summary = (text: string, dialect: Dialect = "postgresql"): string =>
  readStatement(text, dialect, false).summary;

for (const [text, expected, dialect = "postgresql"] of [
  ["SELECT * FROM orders o WHERE id = $1", "SELECT orders"],
  [
    'select a.x from shop.orders as a, carts b join "Users" u on u.id = a.id',
    "SELECT shop.orders carts Users",
  ],
  ["INSERT INTO orders (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 2", "INSERT orders"],
  ["INSERT INTO archive SELECT * FROM orders", "INSERT archive SELECT orders"],
  ["WITH t AS (SELECT * FROM a) SELECT * FROM t", "SELECT a SELECT t"],
  ["UPDATE `orders` SET a = 1, b = 2", "UPDATE orders", "mysql"],
  ["INSERT INTO t (a) VALUES ('x') ON DUPLICATE KEY UPDATE a = VALUES(a)", "INSERT t", "mysql"],
  ["SELECT REPLACE(a, 'b', 'c') FROM t", "SELECT t", "mysql"],
  ["DELETE FROM ONLY orders USING carts", "DELETE orders carts"],
  ["SELECT extract(year FROM at) FROM orders WHERE a IS DISTINCT FROM b FOR UPDATE", "SELECT orders"],
  ["SELECT * FROM generate_series(1, 3), orders", "SELECT orders"],
  ["CREATE TABLE IF NOT EXISTS orders (id int)", "CREATE orders"],
  ["TRUNCATE TABLE orders; SELECT 1", "TRUNCATE orders SELECT"],
  ["COPY orders FROM STDIN", "COPY orders"],
  ["BEGIN", "BEGIN"],
  ["", ""],
] as const) {
  test(`readStatement() sums up ${JSON.stringify(text)} as ${JSON.stringify(expected)}`, () => {
    assert.equal(summary(text, dialect), expected);
  });
}

for (const [dialect, text, expected] of [
  ["postgresql", "SELECT '\\', 'secret' FROM t", "SELECT ?, ? FROM t"],
  ["postgresql", "SELECT E'a\\'secret', U&'secret', $x$ 'secret $x$, x'ff'", "SELECT ?, ?, ?, ?"],
  [
    "postgresql",
    "SELECT $1::text, -1.5e-3, t1 FROM a2 WHERE b IN (1, 2,3)",
    "SELECT $1::text, -?, t1 FROM a2 WHERE b IN (?)",
  ],
  ["postgresql", "SELECT 1 -- secret\n /* secret */ + 2", "SELECT ? + ?"],
  ["postgresql", "SELECT 'secret", "SELECT ?"],
  ["mysql", "SELECT 'a\\'secret', \"secret\", _utf8'secret', 0xff # secret", "SELECT ?, ?, ?, ?"],
  ["mysql", "INSERT INTO t VALUES (1,'a'),(2,'b')", "INSERT INTO t VALUES (?),(?)"],
] as const) {
  test(`readStatement() shows ${dialect}'s ${JSON.stringify(text)} without its values`, () => {
    assert.equal(readStatement(text, dialect, false).text, expected);
  });
}

const QUOTING: Readonly<Record<Dialect, readonly ((value: string) => string)[]>> = {
  postgresql: [
    (value) => `'${value.replaceAll("'", "''")}'`,
    (value) => `E'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`,
    (value) => `$body$${value.replaceAll("$", "")}$body$`,
  ],
  mysql: [
    (value) => `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`,
    (value) => `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`,
  ],
};

for (const dialect of ["postgresql", "mysql"] as const) {
  test(`readStatement() shows no value of ${dialect}, whatever is in it and before it`, () => {
    const seed = Date.now();
    const value = fc.tuple(anyText(), anyText()).map(([before, after]) => `${before}hunter2canary${after}`);
    const quoting = fc.constantFrom(...QUOTING[dialect]);
    const values = fc.array(fc.tuple(quoting, value), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(values, (all) => {
        const listed = all.map(([quote, text]) => quote(text)).join(", ");
        const { text, summary: words } = readStatement(`INSERT INTO t VALUES (${listed})`, dialect, false);
        assert.doesNotMatch(text + words, /hunter2/);
      }),
      { numRuns: runs(2_000), seed },
    );
  });

  test(`readStatement() takes any text for ${dialect}, of any length`, () => {
    const seed = Date.now();
    const pieces = fc.array(
      fc.constantFrom("'", '"', "`", "$$", "/*", "*/", "--", "\\", "(", ",", "SELECT", " ", "\n", "ß", "1"),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          anyText(),
          pieces.map((all) => all.join("")),
        ),
        (text) => {
          const read = readStatement(text.repeat(200), dialect, true);
          assert.ok(read.text.length <= 8_192 && read.summary.length <= 255);
        },
      ),
      { numRuns: runs(500), seed },
    );
  });
}
