import { createPool } from "mysql2";
import { createPool as createPromisePool } from "mysql2/promise";
import { startMariadb } from "../../../../../test/helpers/real-services.ts";
import { mysqlProbe } from "../../../src/index.ts";
import { proveDependency } from "../../helpers/dependency.ts";

proveDependency({
  name: "mysqlProbe() with a pool of mysql2/promise",
  login: true,
  start: startMariadb,
  open(port, password) {
    const client = createPromisePool({ host: "127.0.0.1", port, user: "app", password, connectionLimit: 4 });
    return { probe: mysqlProbe({ name: "mysql", client }), close: () => client.end() };
  },
});

proveDependency({
  name: "mysqlProbe() with a pool of mysql2",
  login: true,
  start: startMariadb,
  open(port, password) {
    const client = createPool({ host: "127.0.0.1", port, user: "app", password, connectionLimit: 4 });
    return { probe: mysqlProbe({ name: "mysql", client }), close: () => void client.end(() => {}) };
  },
});
