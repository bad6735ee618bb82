import { createRandom, DIGITS, HEX, LOWER, type Random } from "../../../../test/helpers/random.ts";

const word = (r: Random): string =>
  r.pick(
    "server client request worker block cache queue index shard table volume node pod image build deploy order cart mail user job task stage thread pool buffer socket packet frame disk page core probe route handler filter module plugin service driver".split(
      " ",
    ),
  );
const name = (r: Random): string => r.pick("ada bob carol dave erin frank grace heidi".split(" "));
const host = (r: Random): string => `${word(r)}-${r.integer(1, 99)}`;
const number = (r: Random, max: number): string => String(r.integer(0, max));
const two = (r: Random, max: number): string => String(r.integer(0, max)).padStart(2, "0");
const ip = (r: Random): string => `10.${r.integer(0, 255)}.${r.integer(0, 255)}.${r.integer(1, 254)}`;
const hex = (r: Random, length: number): string => r.chars(length, HEX);
const clock = (r: Random): string => `${two(r, 23)}:${two(r, 59)}:${two(r, 59)}`;
const syslog = (r: Random): string => `Nov ${r.integer(1, 29)} ${clock(r)} ${host(r)}`;
const iso = (r: Random): string => `2026-11-${two(r, 29)}T${clock(r)}.${r.chars(3, DIGITS)}Z`;
const log4j = (r: Random): string => `2026-11-${two(r, 29)} ${clock(r)},${r.chars(3, DIGITS)}`;
const uuid = (r: Random): string => [8, 4, 4, 4, 12].map((length) => hex(r, length)).join("-");
const path = (r: Random): string => `/${word(r)}/${word(r)}/${word(r)}`;
const block = (r: Random): string => `blk_${r.pick(["-", ""])}${r.chars(19, "123456789")}`;
const podName = (r: Random): string => `${word(r)}-${hex(r, 9)}-${r.chars(5, LOWER + DIGITS)}`;
const pid = (r: Random): string => number(r, 32_000);
const agent =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

/** Lines as production systems write them, by their format. None holds a secret or names a person's address. */
const FORMATS: Readonly<Record<string, (r: Random) => string>> = {
  "nginx access": (r) =>
    `${ip(r)} - - [29/Nov/2026:${clock(r)} +0000] "GET ${path(r)}?page=${number(r, 9)} HTTP/1.1" ${r.pick(["200", "404", "502"])} ${number(r, 99_999)} "-" "${agent}"`,
  "nginx error": (r) =>
    `2026/11/29 ${clock(r)} [error] ${pid(r)}#${pid(r)}: *${number(r, 99_999)} upstream timed out (110: Connection timed out) while reading response header from upstream, client: ${ip(r)}, server: _, request: "GET ${path(r)} HTTP/1.1", upstream: "http://${ip(r)}:8080${path(r)}", host: "${host(r)}"`,
  "Apache error": (r) =>
    `[Sun Nov 29 ${clock(r)} 2026] [error] [client ${ip(r)}] ${r.pick(["Directory index forbidden by rule: /var/www/html/", "script not found or unable to stat", "mod_jk child workerEnv in error state 6"])}`,
  "Apache access": (r) =>
    `${host(r)}:443 ${ip(r)} - ${name(r)} [29/Nov/2026:${clock(r)} +0100] "POST ${path(r)} HTTP/2.0" 201 ${number(r, 9999)}`,
  haproxy: (r) =>
    `${syslog(r)} haproxy[${pid(r)}]: ${ip(r)}:${pid(r)} [29/Nov/2026:${clock(r)}.123] front~ back/${host(r)} 0/0/1/${number(r, 999)}/${number(r, 999)} 200 ${number(r, 9999)} - - ---- 12/12/3/1/0 0/0 "GET ${path(r)} HTTP/1.1"`,
  envoy: (r) =>
    `[${iso(r)}] "GET ${path(r)} HTTP/1.1" 503 UF 0 91 ${number(r, 999)} - "-" "${agent}" "${uuid(r)}" "${host(r)}" "${ip(r)}:8080" outbound|80||${word(r)}.svc.cluster.local`,
  squid: (r) =>
    `1764400${r.chars(3, DIGITS)}.${r.chars(3, DIGITS)} ${number(r, 999)} ${ip(r)} TCP_MISS/200 ${number(r, 99_999)} GET http://${host(r)}${path(r)} - HIER_DIRECT/${ip(r)} text/html`,
  "kernel boot": (r) =>
    `${syslog(r)} kernel: [${number(r, 9999)}.${r.chars(6, DIGITS)}] ${r.pick(["SELinux:  Initializing.", "audit: initializing netlink subsys (disabled)", "Key type asymmetric registered", "Key type encrypted registered", "Loaded X.509 cert 'Build time key: 4c2f'", "random: crng init done", "secureboot: Secure boot disabled", "PM: Registered nosave memory: [mem 0x00000000-0x00000fff]"])}`,
  "kernel oom": (r) =>
    `${syslog(r)} kernel: Out of memory: Killed process ${pid(r)} (${word(r)}) total-vm:${number(r, 9_999_999)}kB, anon-rss:${number(r, 999_999)}kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:${number(r, 999)}kB oom_score_adj:0`,
  "kernel firewall": (r) =>
    `${syslog(r)} kernel: [UFW BLOCK] IN=eth0 OUT= MAC=${[1, 2, 3, 4, 5, 6].map(() => hex(r, 2)).join(":")}:08:00 SRC=${ip(r)} DST=${ip(r)} LEN=${number(r, 1500)} TOS=0x00 PREC=0x00 TTL=${number(r, 255)} ID=${number(r, 65_535)} PROTO=TCP SPT=${pid(r)} DPT=22 WINDOW=${number(r, 65_535)} RES=0x00 SYN URGP=0`,
  sshd: (r) =>
    `${syslog(r)} sshd[${pid(r)}]: ${r.pick(["Accepted password for", "Failed password for invalid user", "Accepted publickey for", "Failed none for invalid user"])} ${name(r)} from ${ip(r)} port ${pid(r)} ssh2`,
  "sshd session": (r) =>
    `${syslog(r)} sshd[${pid(r)}]: ${r.pick(["pam_unix(sshd:session): session opened for user", "pam_unix(sshd:session): session closed for user", "pam_unix(sshd:auth): check pass; user unknown", "Received disconnect from", "error: PAM: Authentication failure for"])} ${name(r)}`,
  "sshd key": (r) =>
    `${syslog(r)} sshd[${pid(r)}]: Accepted publickey for ${name(r)} from ${ip(r)} port ${pid(r)} ssh2: RSA SHA256:${r.chars(43, `${LOWER}${DIGITS}ABCDEFXYZ+/`)}`,
  "pam failure": (r) =>
    `${syslog(r)} su(pam_unix)[${pid(r)}]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=${ip(r)}  user=root`,
  sudo: (r) =>
    `${syslog(r)} sudo:     ${name(r)} : TTY=pts/${number(r, 9)} ; PWD=/home/${name(r)}${path(r)} ; USER=root ; COMMAND=/usr/bin/systemctl restart ${word(r)}`,
  "shell environment": (r) =>
    r.pick([
      `PWD=/srv/${word(r)}`,
      `OLDPWD=/home/${name(r)}`,
      `declare -x PWD="/var/lib/${word(r)}"`,
      `export PWD='/opt/${word(r)}'`,
      `HOME=/root PWD=/ SHLVL=1`,
      `+ PWD=/builds/${word(r)}/${word(r)}`,
      `PWD=C:\\Users\\${name(r)}\\${word(r)}`,
      `PWD=~/${word(r)}`,
      `pwd: /srv/${word(r)}/${number(r, 9)}`,
    ]),
  "shell trace": (r) =>
    `+ cd /srv/${word(r)} && ls -la --color=auto ${path(r)} && make -j ${r.integer(1, 8)} -C ${word(r)}`,
  "shell history": (r) =>
    r.pick([
      `grep -rn -A 3 "${word(r)}" ${path(r)}`,
      `tar -xzf ${word(r)}.tar.gz -C ${path(r)}`,
      `docker run -p 8080:80 -u 1000 ${word(r)}:latest`,
      `ssh -p 22 -i ~/.ssh/id_ed25519 ${host(r)} uptime`,
      `mkdir -p ${path(r)}`,
      `curl -s -X POST -H "content-type: application/json" http://${host(r)}:8080${path(r)}`,
      `psql -U ${name(r)} -h ${host(r)} -p 5432 -d ${word(r)}`,
      `cp -a -u ${path(r)} ${path(r)}`,
      `ps -u ${name(r)} -o pid,args -w`,
    ]),
  "audit syscall": (r) =>
    `type=SYSCALL msg=audit(1764400000.${r.chars(3, DIGITS)}:${number(r, 99_999)}): arch=c000003e syscall=59 success=yes exit=0 ppid=${pid(r)} pid=${pid(r)} auid=1000 uid=0 gid=0 euid=0 tty=pts0 ses=${r.pick([number(r, 99), "4294967295"])} comm="${word(r)}" exe="/usr/bin/passwd" subj=unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023 key=(null)`,
  "SELinux denial": (r) =>
    `type=AVC msg=audit(1764400000.${r.chars(3, DIGITS)}:${number(r, 999)}): avc:  denied  { ${r.pick(["read", "passwd", "write"])} } for  pid=${pid(r)} comm="${r.pick(["passwd", word(r)])}" name="shadow" dev="dm-0" ino=${number(r, 999_999)} scontext=system_u:system_r:${r.pick(["httpd_t", "passwd_t", "sshd_session_t", "auth"])}:s0 tcontext=system_u:object_r:${r.pick(["shadow_t", "passwd_file_t", "session", "cookie", "pin"])}:s0${r.pick(["", "-s15:c0.c1023", ":c1,c22"])} tclass=${r.pick(["file", "passwd"])} permissive=0`,
  "audit user": (r) =>
    `type=USER_START msg=audit(1764400000.123:${number(r, 999)}): pid=${pid(r)} uid=0 auid=1000 ses=${number(r, 99)} subj=system_u:system_r:sshd_t:s0-s0:c0.c1023 msg='op=PAM:session_open grantors=pam_selinux,pam_loginuid acct="${name(r)}" exe="/usr/sbin/sshd" hostname=${ip(r)} addr=${ip(r)} terminal=ssh res=success'`,
  systemd: (r) =>
    `${syslog(r)} systemd[1]: ${r.pick(["Started Session", "Stopped Session", "Starting"])} ${number(r, 999)} of user ${name(r)}.`,
  "systemd-logind": (r) =>
    `${syslog(r)} systemd-logind[${pid(r)}]: ${r.pick([`New session ${number(r, 999)} of user ${name(r)}.`, `Session ${number(r, 999)} logged out. Waiting for processes to exit.`, `Removed session ${number(r, 999)}.`])}`,
  "systemd unit": (r) =>
    `${syslog(r)} systemd[1]: ${word(r)}.service: Main process exited, code=exited, status=${number(r, 255)}/FAILURE`,
  cron: (r) =>
    `${syslog(r)} CRON[${pid(r)}]: (${name(r)}) CMD (   cd / && run-parts --report /etc/cron.hourly)`,
  dhclient: (r) => `${syslog(r)} dhclient[${pid(r)}]: DHCPACK of ${ip(r)} from ${ip(r)} (xid=0x${hex(r, 8)})`,
  snort: (r) =>
    `[**] [1:${number(r, 9999)}:${number(r, 9)}] ICMP PING [**] [Priority: 3] {ICMP} ${ip(r)} -> ${ip(r)} sid:${number(r, 9_999_999)}; rev:${number(r, 9)}; gid:1`,
  "HDFS block": (r) =>
    `081109 ${r.chars(6, DIGITS)} ${pid(r)} INFO dfs.DataNode$PacketResponder: Received block ${block(r)} of size ${number(r, 67_108_864)} from /${ip(r)}`,
  "HDFS namesystem": (r) =>
    `081109 ${r.chars(6, DIGITS)} ${pid(r)} INFO dfs.FSNamesystem: BLOCK* NameSystem.addStoredBlock: blockMap updated: ${ip(r)}:50010 is added to ${block(r)} size ${number(r, 67_108_864)}`,
  "Hadoop task": (r) =>
    `${log4j(r)} INFO [main] org.apache.hadoop.mapred.YarnChild: Kind: mapreduce.job, Service: job_1445062781478_00${two(r, 19)}, Ident: (org.apache.hadoop.mapreduce.security.token.JobTokenIdentifier@${hex(r, 8)})`,
  "Hadoop tokens": (r) =>
    `${log4j(r)} INFO [main] org.apache.hadoop.mapred.MapTask: ${r.pick(["Executing with tokens:", `Adding job token for job_1445144423722_00${two(r, 20)} to jobTokenSecretManager`, `Put ContainerToken for ${host(r)}`, "kvstart = 26214396; length = 6553600"])}`,
  "Spark executor": (r) =>
    `26/11/29 ${clock(r)} INFO SecurityManager: SecurityManager: authentication disabled; ui acls disabled; users with view permissions: Set(yarn, ${name(r)}); users with modify permissions: Set(yarn)`,
  "ZooKeeper session": (r) =>
    `${log4j(r)} - INFO  [CommitProcessor:1:NIOServerCnxn@1001] - ${r.pick([`Established session 0x${hex(r, 15)} with negotiated timeout 10000 for client /${ip(r)}:${pid(r)}`, `Closed socket connection for client /${ip(r)}:${pid(r)} which had sessionid 0x${hex(r, 15)}`, `Expiring session 0x${hex(r, 15)}, timeout of 10000ms exceeded`, `Processed session termination for sessionid: 0x${hex(r, 15)}`, `Got user-level KeeperException when processing sessionid:0x${hex(r, 15)} type:create cxid:0x${hex(r, 2)} zxid:0x${hex(r, 9)} txntype:-1 reqpath:n/a`])}`,
  Kafka: (r) =>
    `[${log4j(r)}] INFO [GroupCoordinator ${number(r, 9)}]: Member consumer-1-${uuid(r)} in group ${word(r)} has failed, removing it from the group (session.timeout.ms=10000) (kafka.coordinator.group.GroupCoordinator)`,
  Cassandra: (r) =>
    `INFO  [main] ${log4j(r)} StorageService.java:${number(r, 999)} - Using saved tokens [${r.pick(["-", ""])}${r.chars(18, DIGITS)}, ${r.chars(18, DIGITS)}]; num_tokens=256`,
  Elasticsearch: (r) =>
    `[${log4j(r)}][INFO ][o.e.c.r.a.AllocationService] [${host(r)}] Cluster health status changed from [YELLOW] to [GREEN] (reason: [shards started [[${word(r)}][${number(r, 9)}]]]).`,
  Spring: (r) =>
    `${log4j(r)}  INFO ${pid(r)} --- [nio-8080-exec-${r.integer(1, 9)}] o.s.web.servlet.DispatcherServlet : Completed initialization in ${number(r, 99)} ms`,
  "Java exception": (r) =>
    `${log4j(r)} ERROR com.example.${word(r)}.Handler - java.lang.IllegalStateException: Unexpected token: ${r.pick(["END_OBJECT", "VALUE_STRING", "expected"])} at [Source: (String); line: ${number(r, 99)}, column: ${number(r, 99)}]`,
  "Java object": (r) =>
    `${log4j(r)} DEBUG com.example.Window - Skipping AppWindowToken{${hex(r, 7)} token=Token{${hex(r, 7)} ActivityRecord{${hex(r, 7)} u0 com.example.${word(r)}/.Main t${number(r, 99)}}}} -- going to hide`,
  "Java identity": (r) =>
    `11-29 ${clock(r)}.123  ${pid(r)}  ${pid(r)} D WindowManager: addWindow token=android.os.BinderProxy@${hex(r, 7)}, session=com.example.Session@${hex(r, 7)}, flags=0x${hex(r, 3)}`,
  "Java flags": (r) =>
    `Picked up JAVA_TOOL_OPTIONS: -Xmx${r.integer(1, 9)}g -XX:+UseG1GC -Dserver.port=${pid(r)} -Dsession.timeout=${number(r, 999)} -Duser.timezone=UTC`,
  "garbage collection": (r) =>
    `[${number(r, 9999)}.${r.chars(3, DIGITS)}s][info][gc] GC(${number(r, 999)}) Pause Young (Normal) (G1 Evacuation Pause) ${number(r, 999)}M->${number(r, 99)}M(1024M) ${number(r, 99)}.${r.chars(3, DIGITS)}ms`,
  Tomcat: (r) =>
    `29-Nov-2026 ${clock(r)}.123 INFO [main] org.apache.catalina.startup.HostConfig.deployDirectory Deployment of web application directory [/opt/tomcat/webapps/${word(r)}] has finished in [${number(r, 9999)}] ms`,
  "Windows servicing": (r) =>
    `2026-11-29 ${clock(r)}, Info                  CBS    Session: ${r.chars(8, "123456789")}_${r.chars(10, "123456789")} initialized by client WindowsUpdateAgent.`,
  "Windows service": (r) =>
    `2026-11-29 ${clock(r)}, Info                  CSI    0000000${number(r, 9)}@2026/11/29:${clock(r)}.123 WcpInitialize (wcp.dll version 0.0.0.6) called (stack @0x7fed806eb5d @0x7fef9fb9b6d)`,
  "Kubernetes klog": (r) =>
    `I1129 ${clock(r)}.${r.chars(6, DIGITS)}    ${pid(r)} kubelet.go:${number(r, 2999)}] "SyncLoop (PLEG): event for pod" pod="default/${podName(r)}" event={"ID":"${uuid(r)}","Type":"ContainerStarted","Data":"${hex(r, 64)}"}`,
  "Kubernetes volume": (r) =>
    `I1129 ${clock(r)}.${r.chars(6, DIGITS)}    ${pid(r)} operation_generator.go:1615] Controller attach succeeded for volume "kube-api-access-${r.chars(5, LOWER)}" (UniqueName: "kubernetes.io/projected/${uuid(r)}-kube-api-access") pod "${podName(r)}" (UID: "${uuid(r)}")`,
  "Kubernetes event": (r) =>
    `${iso(r)} Normal Pulled pod/${podName(r)} Successfully pulled image "registry.local/${word(r)}@sha256:${hex(r, 64)}" in ${number(r, 9999)}ms`,
  "Kubernetes secret name": (r) =>
    `E1129 ${clock(r)}.123456    ${pid(r)} reflector.go:147] object-"default"/"${word(r)}-token": Failed to watch *v1.Secret: unknown (get secrets)`,
  etcd: (r) =>
    `{"level":"warn","ts":"${iso(r)}","caller":"etcdserver/util.go:170","msg":"apply request took too long","took":"${number(r, 999)}ms","expected-duration":"100ms","prefix":"read-only range ","request":"key:\\"/registry/${word(r)}/default\\" ","response":"range_response_count:1 size:${number(r, 999)}"}`,
  docker: (r) =>
    `time="${iso(r)}" level=info msg="Loading containers: done." module=libcontainerd namespace=moby id=${hex(r, 64)}`,
  containerd: (r) => `time="${iso(r)}" level=info msg="shim disconnected" id=${hex(r, 64)} namespace=k8s.io`,
  PostgreSQL: (r) =>
    `2026-11-29 ${clock(r)}.123 UTC [${pid(r)}] LOG:  ${r.pick([`checkpoint complete: wrote ${number(r, 999)} buffers (1.2%); write=${number(r, 9)}.123 s, sync=0.004 s`, `connection authorized: user=${name(r)} database=${word(r)} application_name=psql`, `duration: ${number(r, 999)}.123 ms  statement: SELECT id, state FROM ${word(r)}s WHERE id = ${number(r, 999)}`, `disconnection: session time: 0:00:${two(r, 59)}.123 user=${name(r)} database=${word(r)} host=${ip(r)} port=${pid(r)}`])}`,
  "PostgreSQL error": (r) =>
    `2026-11-29 ${clock(r)}.123 UTC [${pid(r)}] ${r.pick([`ERROR:  duplicate key value violates unique constraint "${word(r)}s_pkey"`, `DETAIL:  Key (id)=(${number(r, 9999)}) already exists.`, `FATAL:  password authentication failed for user "${name(r)}"`, `DETAIL:  Key (${word(r)}_id)=(${number(r, 99)}) is not present in table "${word(r)}s".`])}`,
  MySQL: (r) =>
    `${iso(r)} ${number(r, 99)} [Warning] [MY-010055] [Server] ${r.pick([`IP address '${ip(r)}' could not be resolved`, `Aborted connection ${number(r, 9999)} to db: '${word(r)}' user: '${name(r)}' host: '${ip(r)}' (Got timeout reading communication packets)`, `Access denied for user '${name(r)}'@'${ip(r)}' (using password: ${r.pick(["YES", "NO"])})`, `Duplicate entry '${number(r, 999)}' for key '${word(r)}s.PRIMARY'`])}`,
  Redis: (r) =>
    `${pid(r)}:M 29 Nov 2026 ${clock(r)}.123 * ${r.pick(["Background saving started by pid", "DB saved on disk", "100 changes in 300 seconds. Saving..."])} ${pid(r)}`,
  "Redis commands": (r) =>
    `1764400000.${r.chars(6, DIGITS)} [0 ${ip(r)}:${pid(r)}] "${r.pick(["get", "hgetall", "expire", "zadd"])}" "${word(r)}:${number(r, 9999)}" "${number(r, 999)}"`,
  MongoDB: (r) =>
    `{"t":{"$date":"${iso(r)}"},"s":"I","c":"NETWORK","id":22943,"ctx":"listener","msg":"Connection accepted","attr":{"remote":"${ip(r)}:${pid(r)}","uuid":{"uuid":{"$uuid":"${uuid(r)}"}},"connectionId":${number(r, 999)},"connectionCount":${number(r, 99)}}}`,
  RabbitMQ: (r) =>
    `2026-11-29 ${clock(r)}.123456+00:00 [info] <0.${number(r, 9999)}.0> accepting AMQP connection <0.${number(r, 9999)}.0> (${ip(r)}:${pid(r)} -> ${ip(r)}:5672)`,
  postfix: (r) => `${syslog(r)} postfix/smtpd[${pid(r)}]: connect from ${host(r)}[${ip(r)}]`,
  bind: (r) =>
    `${syslog(r)} named[${pid(r)}]: client @0x${hex(r, 12)} ${ip(r)}#${pid(r)} (${host(r)}.example): query: ${host(r)}.example IN A +E(0)K (${ip(r)})`,
  OpenStack: (r) =>
    `nova-api.log.1 2026-11-29 ${clock(r)}.123 ${pid(r)} INFO nova.osapi_compute.wsgi.server [req-${uuid(r)} ${hex(r, 32)} ${hex(r, 32)} - - -] ${ip(r)} "GET /v2/${hex(r, 32)}/servers/detail HTTP/1.1" status: 200 len: ${number(r, 9999)} time: 0.${r.chars(7, DIGITS)}`,
  supercomputer: (r) =>
    `- 1117838570 2026.11.29 R02-M1-N0-C:J12-U11 2026-11-29-${clock(r).replaceAll(":", ".")}.363779 R02-M1-N0-C:J12-U11 RAS KERNEL INFO instruction cache parity error corrected ${hex(r, 8)}`,
  git: (r) => `${hex(r, 40)} refs/heads/${word(r)}-${word(r)} [new branch] ${word(r)} -> origin/${word(r)}`,
  npm: (r) =>
    `npm warn deprecated ${word(r)}@${number(r, 9)}.${number(r, 9)}.${number(r, 9)}: this package is no longer supported; integrity sha512-${r.chars(86, `${LOWER}${DIGITS}ABCXYZ+/`)}==`,
  webpack: (r) =>
    `asset ${word(r)}.${hex(r, 20)}.js ${number(r, 999)} KiB [emitted] [immutable] [minimized] (name: ${word(r)}) 1 related asset`,
  terraform: (r) => `aws_instance.${word(r)}: Creation complete after ${number(r, 99)}s [id=i-${hex(r, 17)}]`,
  ansible: (r) =>
    `ok: [${host(r)}] => (item={'name': '${word(r)}', 'state': 'present'}) => {"changed": false, "key": "${word(r)}", "value": ${number(r, 99)}}`,
  Jenkins: (r) =>
    `[Pipeline] withCredentials: Masking supported pattern matches of $${word(r).toUpperCase()}_USR`,
  "language model": (r) =>
    r.pick([
      `usage: prompt_tokens=${number(r, 9999)} completion_tokens=${number(r, 999)} total_tokens=${number(r, 9999)}`,
      `{"model":"${word(r)}","tokens":${number(r, 9999)},"max_tokens":${number(r, 4096)}}`,
      `tokens: ${number(r, 9999)}, cookies: ${number(r, 99)}, secrets: ${number(r, 9)}, sessions: ${number(r, 999)}`,
    ]),
  paging: (r) =>
    r.pick([
      `{"items":${number(r, 99)},"nextPageToken":"${r.chars(12, LOWER)}","kind":"${word(r)}"}`,
      `listed ${number(r, 99)} objects, ContinuationToken=${r.chars(16, LOWER)}`,
      `NextToken: ${r.chars(10, LOWER)} page_token=${r.chars(8, LOWER)}`,
    ]),
  sessions: (r) =>
    r.pick([
      `session: ${number(r, 99_999)} opened`,
      `sid=${number(r, 999)} state=open`,
      `session_id=${number(r, 99_999)} closed after ${number(r, 99)} s`,
      `sid:${number(r, 99)}`,
      `SessionID: ${number(r, 9)}, SessionName: Console`,
    ]),
  logfmt: (r) =>
    `ts=${iso(r)} caller=main.go:${number(r, 999)} level=info component=${word(r)} msg="listening" addr=:${pid(r)} duration=${number(r, 99)}.${r.chars(3, DIGITS)}ms`,
  prometheus: (r) =>
    `http_requests_total{method="GET",code="200",handler="${path(r)}",instance="${ip(r)}:9100"} ${number(r, 999_999)}`,
  cloud: (r) =>
    `START RequestId: ${uuid(r)} Version: $LATEST REPORT Duration: ${number(r, 999)}.12 ms Billed Duration: ${number(r, 999)} ms Memory Size: 128 MB`,
  "Node stack": (r) =>
    `    at async ${word(r)}.${word(r)} (file:///srv/app/src/${word(r)}.ts:${number(r, 999)}:${number(r, 80)})`,
  TypeScript: (r) =>
    `src/${word(r)}.ts(${number(r, 999)},${number(r, 80)}): error TS1005: ')' expected, unexpected token: ${r.pick(["punc", "name", "eof"])} (${word(r)})`,
};

/** `perFormat` lines of each format, the same for the same seed. */
export function makeProductionLines(seed: number, perFormat: number): { format: string; line: string }[] {
  const random = createRandom(seed);
  return Object.entries(FORMATS).flatMap(([format, make]) =>
    Array.from({ length: perFormat }, () => ({ format, line: make(random) })),
  );
}
