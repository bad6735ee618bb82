import express from "express";
import morgan from "morgan";

const app = express();
app.use(morgan("tiny"));
app.get("/users/:id", (_req, res) => res.send("ada"));
const server = app.listen(0, async () => {
  await (await fetch(`http://localhost:${server.address().port}/users/7`)).text();
  server.closeAllConnections();
  server.close();
});
