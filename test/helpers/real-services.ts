import { spawn } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import type { TestContext } from "node:test";
import {
  findProgram,
  freePort,
  type RealServer,
  runProgram,
  serverFolder,
  startServer,
} from "./real-server.ts";

/** The password of the user `app` on all of them. */
export const PASSWORD = "right-password";

/** A PostgreSQL with the database `postgres`, or undefined after skipping the test. */
export async function startPostgres(t: TestContext): Promise<RealServer | undefined> {
  const initdb = findProgram(t, "initdb", "postgresql", ...debianFolders());
  const command = findProgram(t, "postgres", "postgresql", ...debianFolders());
  if (initdb === undefined || command === undefined) return undefined;
  const folder = serverFolder(t);
  const [data, passwordFile, port] = [`${folder}/data`, `${folder}/password`, await freePort()];
  writeFileSync(passwordFile, PASSWORD, { mode: 0o644 });
  runProgram(
    initdb,
    ["-D", data, "-U", "app", "-A", "scram-sha-256", "--pwfile", passwordFile, "--no-sync"],
    folder,
  );
  const args = ["-D", data, "-p", `${port}`, "-h", "127.0.0.1", "-k", folder, "-F", "-c", "lc_messages=C"];
  // It refuses whoever comes while it reads its log of writes.
  return startServer(t, folder, port, { command, args, ready: /ready to accept connections/ });
}

function debianFolders(): string[] {
  try {
    return readdirSync("/usr/lib/postgresql").map((version) => `/usr/lib/postgresql/${version}/bin`);
  } catch {
    // Not Debian, or not installed: the PATH is left.
    return [];
  }
}

/** A MariaDB with the database `app`, or undefined after skipping the test. */
export async function startMariadb(t: TestContext): Promise<RealServer | undefined> {
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
  const statements = [
    `CREATE OR REPLACE USER app@'127.0.0.1' IDENTIFIED BY '${PASSWORD}'`,
    "CREATE DATABASE IF NOT EXISTS app",
    "GRANT ALL ON app.* TO app@'127.0.0.1'",
  ];
  writeFileSync(login, statements.map((statement) => `${statement};\n`).join(""), { mode: 0o644 });
  const args = [
    ...["--no-defaults", `--datadir=${data}`, `--socket=${folder}/socket`, `--port=${port}`],
    ...["--bind-address=127.0.0.1", "--skip-name-resolve", `--init-file=${login}`],
  ];
  return startServer(t, folder, port, { command, args });
}

/** A Redis that asks for the password, or undefined after skipping the test. */
export async function startRedis(t: TestContext): Promise<RealServer | undefined> {
  const command = findProgram(t, "redis-server", "redis-server");
  if (command === undefined) return undefined;
  const port = await freePort();
  const args = [
    ...["--port", `${port}`, "--bind", "127.0.0.1", "--requirepass", PASSWORD],
    ...["--save", "", "--appendonly", "no"],
  ];
  return startServer(t, serverFolder(t), port, { command, args });
}

/** A RabbitMQ with its own name server, or undefined after skipping the test. */
export async function startRabbitmq(t: TestContext): Promise<RealServer | undefined> {
  // The wrapper in /usr/sbin insists on the user rabbitmq; what it wraps does not.
  const command = findProgram(t, "rabbitmq-server", "rabbitmq-server", "/usr/lib/rabbitmq/bin");
  const epmd = findProgram(t, "epmd", "rabbitmq-server");
  if (command === undefined || epmd === undefined) return undefined;
  const folder = serverFolder(t);
  const [port, epmdPort, distPort] = [await freePort(), await freePort(), await freePort()];
  // Erlang's name server would else be started as a daemon and outlive the test.
  const names = spawn(epmd, ["-port", `${epmdPort}`, "-address", "127.0.0.1"], { stdio: "ignore" });
  t.after(() => names.kill());
  writeFileSync(`${folder}/rabbitmq.conf`, `default_user = app\ndefault_pass = ${PASSWORD}\n`, {
    mode: 0o644,
  });
  return startServer(t, folder, port, {
    command,
    args: [],
    env: {
      ERL_EPMD_PORT: `${epmdPort}`,
      ERL_EPMD_ADDRESS: "127.0.0.1",
      RABBITMQ_NODENAME: `whodunit${port}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
      RABBITMQ_NODE_PORT: `${port}`,
      RABBITMQ_DIST_PORT: `${distPort}`,
      RABBITMQ_MNESIA_BASE: `${folder}/mnesia`,
      RABBITMQ_LOG_BASE: `${folder}/log`,
      RABBITMQ_ENABLED_PLUGINS_FILE: `${folder}/plugins`,
      RABBITMQ_CONFIG_FILE: `${folder}/rabbitmq`,
      RABBITMQ_PID_FILE: `${folder}/pid`,
    },
  });
}
