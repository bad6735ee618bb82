import winston from "winston";

winston.configure({ format: winston.format.json(), transports: [new winston.transports.Console()] });
winston.info("listening", { port: 8080 });
winston.warn("slow answer", { host: "db-1" });
winston.error("order failed", { orderId: 3, password: "hunter2" });
