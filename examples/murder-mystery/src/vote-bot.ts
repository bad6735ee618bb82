import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { serviceProbe } from "@whodunit/health";
import { withHealth } from "@whodunit/health/node";
import { withLogger } from "@whodunit/logger/node";
import { withSpan } from "@whodunit/tracing";
import { withTracing } from "@whodunit/tracing/node";
import { announce, setting, startService } from "./service.ts";
import { CHOICES, VOTERS, type Voter } from "./voters.ts";

/** Votes through `web`, over and over. It serves nothing but its own health and traffic, on bare `node:http`. */
const webUrl = setting("WEB_URL");
const PAUSE_MS = 15;

const { logger, health } = await startService("vote-bot", [
  serviceProbe({ name: "web", url: webUrl, intervalMs: 1_000 }),
]);

const server = createServer(
  withTracing(
    withLogger(
      withHealth((_, response) => response.writeHead(404).end(), { health }),
      { logger },
    ),
  ),
);
server.listen(0, "127.0.0.1", () => {
  announce(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  void voteForEver();
});

async function voteForEver(): Promise<never> {
  for (let turn = 0; ; turn++) {
    const choice = CHOICES[turn % CHOICES.length] as string;
    const voter = VOTERS[turn % VOTERS.length] as Voter;
    try {
      const status = await vote(choice, voter);
      logger.debug("vote-cast", { status, email: voter.email });
    } catch (err) {
      // While everybody shuts down there may be nobody to vote with.
      logger.debug("vote-lost", { err });
    }
    process.send?.({ votes: turn + 1 });
    await sleep(PAUSE_MS);
  }
}

function vote(choice: string, voter: Voter): Promise<number> {
  return withSpan("cast-vote", async (span) => {
    span.setTag("choice", choice);
    const response = await fetch(`${webUrl}/api/vote?access_token=${voter.token}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${voter.token}`,
        cookie: `session=${voter.session}`,
      },
      body: JSON.stringify({
        choice,
        voter: { email: voter.email, password: voter.password },
        note: `card ${voter.card}`,
      }),
    });
    await response.arrayBuffer();
    return response.status;
  });
}
