import "reflect-metadata";
import { onExpress } from "./on-express.ts";
import { onFastify } from "./on-fastify.ts";
import { ErrorFilter, ErrorInterceptor } from "./whodunit.ts";

const app = await (process.env.ADAPTER === "fastify" ? onFastify() : onExpress());
app.useGlobalFilters(new ErrorFilter(app.getHttpAdapter()));
app.useGlobalInterceptors(new ErrorInterceptor());
await app.listen(Number(process.env.PORT ?? 8080));
