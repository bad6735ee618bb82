import { Controller, Get, Logger, Module, Param } from "@nestjs/common";

@Controller()
class Hello {
  readonly #log = new Logger("Hello");

  @Get("hello/:name")
  hello(@Param("name") name: string): string {
    this.#log.log(`hello ${name}`);
    return `Hello ${name}\n`;
  }

  @Get("fail")
  fail(): never {
    throw new RangeError("no doughnuts");
  }
}

@Module({ controllers: [Hello] })
export class App {}
