import { writeFileSync } from "node:fs";
import { createPool } from "mysql2";
import { createPool as createPromisePool } from "mysql2/promise";
import { mysqlProbe } from "../../../src/index.ts";
import { PASSWORD, proveDependency } from "../../helpers/dependency.ts";
import {
  findProgram,
  freePort,
  type RealServer,
  runProgram,
  serverFolder,
  startServer,
} from "../../helpers/real-server.ts";

async function start(t: Parameters<typeof serverFolder>[0]): Promise<RealServer | undefined> {
  const install = findProgram(t, "mariadb-install-db", "mariadb-server");
  const command = findProgram(t, "mariadbd", "mariadb-server");
  if (install === undefined || command === undefined) return undefined;
  const folder = serverFolder(t);
  const data = `${folder}/data`;
  const port = await freePort();
  runProgram(
    install,
    ["--no-defaults", `--datadir=${data}`, "--auth-root-authentication-method=normal", "--skip-test-db"],
    folder,
  );
  const login = `${folder}/login.sql`;
  writeFileSync(login, `CREATE OR REPLACE USER app@'127.0.0.1' IDENTIFIED BY '${PASSWORD}';\n`, {
    mode: 0o644,
  });
  const args = [
    ...["--no-defaults", `--datadir=${data}`, `--socket=${folder}/socket`, `--port=${port}`],
    ...["--bind-address=127.0.0.1", "--skip-name-resolve", `--init-file=${login}`],
  ];
  return startServer(t, folder, port, { command, args });
}

proveDependency({
  name: "mysqlProbe() with a pool of mysql2/promise",
  login: true,
  start,
  open(port, password) {
    const client = createPromisePool({ host: "127.0.0.1", port, user: "app", password, connectionLimit: 4 });
    return { probe: mysqlProbe({ name: "mysql", client }), close: () => client.end() };
  },
});

proveDependency({
  name: "mysqlProbe() with a pool of mysql2",
  login: true,
  start,
  open(port, password) {
    const client = createPool({ host: "127.0.0.1", port, user: "app", password, connectionLimit: 4 });
    return { probe: mysqlProbe({ name: "mysql", client }), close: () => void client.end(() => {}) };
  },
});
