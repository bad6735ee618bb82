export type { Answer } from "@whodunit/core";
export type { HealthChange } from "./changes/change.ts";
export type { ChangeLogger } from "./changes/change-log.ts";
export type { WebhookOptions } from "./changes/webhook.ts";
export type { Health, HealthListener } from "./health.ts";
export { createHealth } from "./health.ts";
export type { Authorize } from "./http/authorize.ts";
export type { HealthOptions } from "./options.ts";
export type { BreakerProbeOptions, CockatielBreaker, OpossumBreaker } from "./probes/breaker.ts";
export { breakerProbe } from "./probes/breaker.ts";
export type { DiskProbeOptions } from "./probes/disk.ts";
export { diskProbe } from "./probes/disk.ts";
export type { DnsProbeOptions, DnsResolver } from "./probes/dns.ts";
export { dnsProbe } from "./probes/dns.ts";
export type { EventLoopProbeOptions } from "./probes/event-loop.ts";
export { eventLoopProbe } from "./probes/event-loop.ts";
export type { GaugeProbeOptions } from "./probes/gauge.ts";
export { gaugeProbe } from "./probes/gauge.ts";
export type { HttpProbeOptions } from "./probes/http.ts";
export { httpProbe } from "./probes/http.ts";
export type { KafkaAdmin, KafkaProbeOptions } from "./probes/kafka.ts";
export { kafkaProbe } from "./probes/kafka.ts";
export type { MemoryProbeOptions } from "./probes/memory.ts";
export { memoryProbe } from "./probes/memory.ts";
export type { MongodbClient, MongodbProbeOptions } from "./probes/mongodb.ts";
export { mongodbProbe } from "./probes/mongodb.ts";
export type { MysqlClient, MysqlProbeOptions } from "./probes/mysql.ts";
export { mysqlProbe } from "./probes/mysql.ts";
export type { NatsClient, NatsProbeOptions } from "./probes/nats.ts";
export { natsProbe } from "./probes/nats.ts";
export type { PostgresClient, PostgresProbeOptions } from "./probes/postgres.ts";
export { postgresProbe } from "./probes/postgres.ts";
export type {
  RabbitmqChannel,
  RabbitmqClient,
  RabbitmqConnection,
  RabbitmqProbeOptions,
} from "./probes/rabbitmq.ts";
export { rabbitmqProbe } from "./probes/rabbitmq.ts";
export type { RedisClient, RedisProbeOptions } from "./probes/redis.ts";
export { redisProbe } from "./probes/redis.ts";
export type { ServiceProbeOptions } from "./probes/service.ts";
export { serviceProbe } from "./probes/service.ts";
export type { TcpProbeOptions } from "./probes/tcp.ts";
export { tcpProbe } from "./probes/tcp.ts";
export type { TlsProbeOptions } from "./probes/tls.ts";
export { tlsProbe } from "./probes/tls.ts";
export type { TrafficProbeOptions, TrafficSeries, TrafficSource } from "./probes/traffic.ts";
export { trafficProbe } from "./probes/traffic.ts";
export type { Clock } from "./watch/clock.ts";
export type { Fault } from "./watch/error-text.ts";
export type {
  Check,
  CheckResult,
  Priority,
  Probe,
  ProbeSettings,
  ResolvedProbe,
  Status,
} from "./watch/probe.ts";
export type { HealthEntry, HistoryItem, Level } from "./watch/probe-state.ts";
