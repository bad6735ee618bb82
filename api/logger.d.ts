import { Bindings } from "pino";
import { ChildLoggerOptions } from "pino";
import { Kind } from "@whodunit/redaction";
import { Logger as Pino } from "pino";
import { Name } from "@whodunit/core";
import { Redactor } from "@whodunit/redaction";
import { RedactorOptions } from "@whodunit/redaction";
import { describeRequest } from "@whodunit/core";
import { reportChange } from "@whodunit/core";
declare class CataloguedEvent {}
declare class LogCore {}
declare class Scope {}
declare const LEVEL_SIGNALS: readonly ["SIGUSR1", "SIGUSR2", "SIGHUP"];
declare const PINO_ERROR_LEVELS: {
    warn: number;
    error: number;
    fatal: number;
};
export declare class EventCatalogue<Definitions> {
    readonly definitions: Definitions;
    readonly checked: boolean;
    constructor(definitions: Definitions, events: ReadonlyMap<string, CataloguedEvent>, checked: boolean);
    under(scope: string): ReadonlyMap<string, CataloguedEvent>;
}
export declare class EventLogger<Definitions> {
    constructor(logger: EventSink, bindings: SharedFields, catalogue: EventCatalogue<unknown>, scope: string);
    get name(): string;
    child<Scope extends EventScopes<keyof Definitions>>(name: Scope): EventLogger<EventsUnder<Definitions, Scope>>;
    debug<Event extends EventNames<Definitions, "debug">>(name: Event, ...[fields]: EventArguments<Definitions[Event]>): void;
    error<Event extends EventNames<Definitions, "error">>(name: Event, ...[fields]: EventArguments<Definitions[Event]>): void;
}
export declare class Logger {
    readonly core: LogCore;
    constructor(core: LogCore, scope: Scope, bindings: SharedFields);
    get name(): string;
    child<Text extends string>(name: Name<Text>, fields?: Fields): Logger;
    child(fields: Fields): Logger;
    withEvents<Definitions>(catalogue: EventCatalogue<Definitions>): EventLogger<Definitions>;
    wantsDebug(name: string): boolean;
    writesDebug(name: string): boolean;
    writeEvent(level: Level, name: string, fields: Fields, undeclared: number): void;
    refuse(fault: string, called: object): void;
    get debug(): LogMethod;
    get error(): LogMethod;
    setLevel(prefix: string, level: Level | null, options?: SetLevelOptions): void;
    get pino(): PinoLogger;
    counts(): LoggerCounts;
    flush(): Promise<void>;
    close(): Promise<void>;
}
export declare function createLogger(options: LoggerOptions): Logger;
export declare function defineEvents<const Definitions extends EventDefinitions>(definitions: Definitions & CheckedDefinitions<Definitions>): EventCatalogue<Definitions>;
export declare function withContext<Result>(fields: object, run: () => Result): Result;
export interface EventDefinition {
    readonly level: Level;
    readonly description: string;
    readonly fields?: Readonly<Record<string, FieldSchema>>;
    readonly required?: readonly string[];
}
export interface FieldNames {
    readonly level?: string;
    readonly time?: string;
    readonly msg?: string;
    readonly service?: string;
    readonly trace_id?: string;
    readonly span_id?: string;
}
export interface FieldSchema {
    readonly type?: TypeName | readonly TypeName[];
    readonly enum?: readonly (string | number | boolean | null)[];
    readonly const?: string | number | boolean | null;
    readonly pii?: true | Kind;
    readonly description?: string;
    readonly examples?: readonly unknown[];
    readonly format?: string;
    readonly pattern?: string;
    readonly minLength?: number;
    readonly maxLength?: number;
    readonly minimum?: number;
    readonly maximum?: number;
    readonly exclusiveMinimum?: number;
    readonly exclusiveMaximum?: number;
    readonly multipleOf?: number;
    readonly items?: FieldSchema;
    readonly minItems?: number;
    readonly maxItems?: number;
    readonly uniqueItems?: boolean;
    readonly properties?: Readonly<Record<string, FieldSchema>>;
    readonly required?: readonly string[];
    readonly additionalProperties?: boolean;
}
export interface Limits {
    readonly stringLength?: number;
    readonly depth?: number;
    readonly items?: number;
    readonly lineBytes?: number;
}
export interface LineDestination {
    write(line: string): unknown;
    readonly writableLength?: number;
    readonly writable?: boolean;
    flush?(done: (error?: Error | null) => void): unknown;
    flushSync?(): unknown;
}
export interface LoggerCounts {
    readonly debug: number;
    readonly error: number;
    readonly dropped: number;
    readonly throttled: number;
    readonly badNames: number;
    readonly undeclaredFields: number;
    readonly redacted: Readonly<Record<string, number>>;
}
export interface LoggerOptions {
    readonly service: string;
    readonly level?: string;
    readonly fieldNames?: FieldNamesSet | FieldNames;
    readonly fields?: object;
    readonly levelSignal?: LevelSignal;
    readonly redact?: RedactorOptions | Redactor | false;
    readonly names?: NamesRule;
    readonly pinoErrorFrom?: PinoErrorLevel;
    readonly limits?: Limits;
    readonly recorder?: RecorderOptions | false;
    readonly throttle?: ThrottleOptions | false;
    readonly destination?: string | LineDestination;
    readonly pretty?: boolean;
}
export interface RecorderOptions {
    readonly lines?: number;
    readonly length?: number;
    readonly perSecond?: number;
}
export interface SetLevelOptions {
    readonly ttlMs?: number;
    readonly by?: string;
}
export interface ThrottleOptions {
    readonly perSecond?: number;
}
export type EventDefinitions = Readonly<Record<string, EventDefinition>>;
export type FieldNamesSet = "ecs" | "gcp" | "datadog";
export type Fields = object;
export type Level = "debug" | "error";
export type NamesRule = "free-text" | "strict";
export type PinoErrorLevel = keyof typeof PINO_ERROR_LEVELS;
export type PinoLogger = {
    child(bindings: Bindings, options?: ChildLoggerOptions): PinoLogger;
} & Record<PinoMethod, (name: string, fields: object) => void> & Pino;
interface EncodedText {
    readonly words: readonly number[];
    readonly length: number;
}
interface EventSink {
    readonly name: string;
    child(name: string): EventSink;
    wantsDebug(name: string): boolean;
    writeEvent(level: Level, name: string, fields: object, undeclared: number): void;
    refuse(fault: string, called: object): void;
}
interface SharedFields extends SharedText {
    readonly members: ReadonlyMap<string, string>;
    readonly truncated: boolean;
}
interface SharedText {
    readonly text: string;
    encoded: EncodedText | undefined;
}
type CheckedDefinitions<Definitions> = {
    readonly [Text in keyof Definitions]: Text extends string ? Text extends Name<Text> ? {
        readonly required?: readonly (keyof DeclaredFields<Definitions[Text]> | "err")[];
    } : Name<Text> : never;
};
type DeclaredFields<Definition> = Definition extends {
    readonly fields?: infer Fields;
} ? Exclude<Fields, undefined> : unknown;
type EventArguments<Definition> = [RequiredOf<Definition>] extends [never] ? [fields?: EventFields<Definition> | Error] : [RequiredOf<Definition>] extends ["err"] ? [fields: EventFields<Definition> | Error] : [fields: EventFields<Definition>];
type EventFields<Definition> = Simplified<FieldsOf<{
    readonly err: unknown;
} & DeclaredFields<Definition>, RequiredOf<Definition>>>;
type EventNames<Definitions, Of extends Level> = {
    [Text in keyof Definitions]: Definitions[Text] extends {
        readonly level: infer Known;
    } ? Of extends Known ? Text : never : never;
}[keyof Definitions] & string;
type EventScopes<Text> = Text extends `${infer Head}-${infer Rest}` ? Head | `${Head}-${EventScopes<Rest>}` : Text extends string ? string extends Text ? string : never : never;
type EventsUnder<Definitions, Scope extends string> = {
    readonly [Text in keyof Definitions as string extends Text ? Text : Text extends `${Scope}-${infer Rest}` ? Rest : never]: Definitions[Text];
};
type FieldsOf<Properties, Required> = {
    readonly [Name in keyof Properties as Name extends Required ? Name : never]: ValueOf<Properties[Name]>;
} & {
    readonly [Name in keyof Properties as Name extends Required ? never : Name]?: ValueOf<Properties[Name]> | undefined;
};
type LevelSignal = (typeof LEVEL_SIGNALS)[number];
type LogMethod = <Text extends string>(name: Name<Text>, fields?: Fields) => void;
type ObjectOf<Schema> = Schema extends {
    readonly properties: infer Properties;
} ? FieldsOf<Properties, RequiredOf<Schema>> & (Schema extends {
    readonly additionalProperties: true;
} ? Readonly<Record<string, unknown>> : unknown) : Readonly<Record<string, unknown>>;
type PinoMethod = "trace" | "debug" | "info" | "warn" | "error" | "fatal";
type RequiredOf<Schema> = Schema extends {
    readonly required: readonly (infer Name)[];
} ? Name : never;
type Simplified<Type> = {
    readonly [Name in keyof Type]: Type[Name];
};
type TypeName = "string" | "number" | "integer" | "boolean" | "null" | "array" | "object";
type ValueOf<Schema> = Schema extends {
    readonly const: infer Value;
} ? Value : Schema extends {
    readonly enum: readonly (infer Value)[];
} ? Value : Schema extends {
    readonly type: infer Type;
} ? Type extends readonly (infer Each)[] ? ValueOfType<Each, Schema> : ValueOfType<Type, Schema> : unknown;
type ValueOfType<Type, Schema> = Type extends "string" ? string : Type extends "number" | "integer" ? number : Type extends "boolean" ? boolean : Type extends "null" ? null : Type extends "array" ? Schema extends {
    readonly items: infer Item;
} ? readonly ValueOf<Item>[] : readonly unknown[] : ObjectOf<Schema>;
