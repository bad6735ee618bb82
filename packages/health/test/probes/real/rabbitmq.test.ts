import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { type ChannelModel, connect } from "amqplib";
import { rabbitmqProbe } from "../../../src/index.ts";
import { PASSWORD, proveDependency } from "../../helpers/dependency.ts";
import { findProgram, freePort, serverFolder, startServer } from "../../helpers/real-server.ts";

proveDependency({
  name: "rabbitmqProbe() with a connection of amqplib",
  login: true,
  async start(t) {
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
  },
  open(port, password) {
    let connection: ChannelModel | undefined;
    let open = true;
    // amqplib's connections do not heal: an application opens the next one itself.
    const keepConnected = async (): Promise<void> => {
      while (open) {
        try {
          const made = await connect({ hostname: "127.0.0.1", port, username: "app", password });
          made.on("error", () => {});
          const closed = new Promise((resolve) => made.on("close", resolve));
          connection = made;
          await closed;
        } catch {
          // Refused, or not there yet.
        }
        connection = undefined;
        await setTimeout(100);
      }
    };
    void keepConnected();
    return {
      probe: rabbitmqProbe({ name: "rabbitmq", client: () => connection }),
      close() {
        open = false;
        // Not waited for: the server may be gone, and would never agree.
        void connection?.close().catch(() => {});
      },
    };
  },
});
