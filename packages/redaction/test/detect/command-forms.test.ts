import assert from "node:assert/strict";
import test from "node:test";
import { createFullRedactor } from "../helpers/full-redactor.ts";

const MASK = "[Redacted]";
const { redactText, redactValue } = createFullRedactor();

// The word `hunter2` is the credential, and nothing but it goes.
const COMMANDS: readonly string[] = [
  "rabbitmqctl add_user ada hunter2",
  "rabbitmqctl change_password ada hunter2",
  "sudo rabbitmqctl -n rabbit@h authenticate_user ada hunter2",
  "vault login hunter2",
  "vault operator unseal hunter2",
  "vault token revoke hunter2",
  "mysqladmin -u root password hunter2",
  "net user ada hunter2 /add",
  "net use Z: \\\\srv\\share hunter2 /user:ada",
  "htpasswd -bc users ada hunter2",
  "htpasswd -nbB ada hunter2",
  "mosquitto_passwd -b users ada hunter2",
  "wpa_passphrase home hunter2",
  "smbpasswd -a ada hunter2",
  "openssl passwd -6 hunter2",
  "snyk auth hunter2",
  "cargo login hunter2",
  "ngrok config add-authtoken hunter2",
  "cloudflared service install hunter2",
  "bw unlock hunter2",
  "ansible-vault encrypt_string 'hunter2' --name x",
  "grafana-cli admin reset-admin-password hunter2",
  "poetry config http-basic.pypi ada hunter2",
  "composer config http-basic.x ada hunter2",
  "chamber write svc db_password hunter2",
  "credstash put db_password hunter2",
  "pdftk in.pdf output out.pdf user_pw hunter2",
  "nmcli dev wifi connect home password hunter2",
  "gcloud auth activate-refresh-token ada hunter2",
  "mc alias set store http://h:9000 AKIA hunter2",
  "dotnet user-secrets set Db:Password hunter2",
  "gh secret set API_KEY --body hunter2",
  "aws ssm put-parameter --name /db/x --value hunter2 --type SecureString",
  "az keyvault secret set --vault-name v --name x --value hunter2",
  "az login -u ada -p hunter2",
  "snowsql -a x -u ada -p hunter2",
  "twine upload -p hunter2 -u ada dist",
  "crane auth login r -u ada -p hunter2",
  "az sql server create -u ada -g group -p hunter2",
  "New-LocalUser ada -Password hunter2",
  "influx -username ada -password hunter2",
  "consul kv get -http-token hunter2",
  "nuget push -ApiKey hunter2",
  "ssh-keygen -t ed25519 -N hunter2 -f k",
  "usermod -p hunter2 ada",
  "beeline -n ada -p hunter2",
  "security unlock-keychain -p hunter2 k",
  "openssl dgst -sha256 -hmac hunter2 f",
  "doctl auth init -t hunter2",
  "glab auth login -t hunter2",
  "dotnet nuget push x.nupkg -k hunter2",
  "etcdctl put /app/db/password hunter2",
  "consul kv put app/api_key hunter2",
  "composer config github-oauth.github.com hunter2",
  "knife bootstrap -P hunter2 h",
  "curl -H 'Accept: text/plain' -H 'X-Request-Id: 7f9c' -X POST --data-binary @body.json https://api.example.com/v1/orders -U hunter2",
];

for (const text of COMMANDS) {
  test(`R1: redactText() and redactValue() hide the credential that its place in a command tells: ${text}`, () => {
    const expected = text.replace("hunter2", MASK);
    assert.equal(redactText(text), expected);
    assert.equal(redactText(`Command failed: ${text}\nexit 1`), `Command failed: ${expected}\nexit 1`);
    assert.deepEqual(JSON.parse(redactText(JSON.stringify({ cmd: text }))), { cmd: expected });
    assert.equal(redactText(expected), expected);
    const words = text.split(" ").map((word) => word.replace(/^'(.*)'$/, "$1"));
    const hidden = redactValue({ argv: words }) as { argv: string[] };
    assert.equal(hidden.argv.length, words.length);
    assert.equal(hidden.argv[0], words[0]);
    assert.doesNotMatch(JSON.stringify(hidden), /hunter2/);
  });
}

const SHELL: readonly (readonly [text: string, expected: string])[] = [
  [
    "echo hunter2 | docker login -u ada --password-stdin",
    `echo ${MASK} | docker login -u ada --password-stdin`,
  ],
  ["printf 'hunter2' | passwd --stdin ada", `printf '${MASK}' | passwd --stdin ada`],
  ["echo ada:hunter2 | chpasswd", `echo ${MASK} | chpasswd`],
  ["echo 'hunter2' | sudo -S apt update", `echo '${MASK}' | sudo -S apt update`],
  ["chpasswd <<< 'ada:hunter2'", `chpasswd <<< '${MASK}'`],
  ["printf 'hunter2\\nhunter2' | passwd ada", `printf '${MASK}' | passwd ada`],
  [
    "printf '%s' hunter2 | gcloud secrets create db --data-file=-",
    `printf '%s' ${MASK} | gcloud secrets create db --data-file=-`,
  ],
  ["echo hunter2 | vercel env add DB_URL production", `echo ${MASK} | vercel env add DB_URL production`],
  [
    'gcloud secrets versions add db --data-file=- <<< "hunter2"',
    `gcloud secrets versions add db --data-file=- <<< "${MASK}"`,
  ],
  ["wrangler secret put API_URL <<< hunter2", `wrangler secret put API_URL <<< ${MASK}`],
  ["pass insert -e mail/ada <<< hunter2", `pass insert -e mail/ada <<< ${MASK}`],
  [
    "circleci context store-secret github main X <<< hunter2",
    `circleci context store-secret github main X <<< ${MASK}`,
  ],
  [
    "cryptsetup open --key-file - /dev/sda2 root <<< hunter2",
    `cryptsetup open --key-file - /dev/sda2 root <<< ${MASK}`,
  ],
  ["winrs -r:h -u:ada -p:hunter2 dir", `winrs -r:h -u:ada -p${MASK} dir`],
  [
    'New-LocalUser ada -Password (ConvertTo-SecureString "hunter2" -AsPlainText -Force)',
    `New-LocalUser ada -Password (ConvertTo-SecureString "${MASK}" -AsPlainText -Force)`,
  ],
  [
    "$password = 'hunter2' | ConvertTo-SecureString -AsPlainText -Force",
    `$password = '${MASK}' | ConvertTo-SecureString -AsPlainText -Force`,
  ],
  [
    'PSCredential("ada", ("hunter2" | ConvertTo-SecureString -AsPlainText -Force))',
    `PSCredential("ada", ("${MASK}" | ConvertTo-SecureString -AsPlainText -Force))`,
  ],
  ["tool --password (Old-Hunter2 x", `tool --password ${MASK} x`],
  ["dial ada:hunter2@tcp(db:3306)/shop", `dial ${MASK}@tcp(db:3306)/shop`],
  ["ada:hunter2@unix(/run/mysqld.sock)/shop", `${MASK}@unix(/run/mysqld.sock)/shop`],
  ['var apiKey string = "hunter2"', `var apiKey string = "${MASK}"`],
  ['const dbPassword string="hunter2"', `const dbPassword string="${MASK}"`],
  [
    "kubectl create secret generic db --from-literal=url=hunter2",
    `kubectl create secret generic db --from-literal=${MASK}`,
  ],
  ["curl -E cert.pem:hunter2 https://h", `curl -E ${MASK} https://h`],
  ["sqlplus -s ada/hunter2@//h:1521/orcl", `sqlplus -s ${MASK}`],
  ["etcdctl user add ada:hunter2", `etcdctl user add ${MASK}`],
  ["machine h login ada password hunter2", `machine h login ada password ${MASK}`],
  ["machine h\n  login ada\n  password hunter2\n", `machine h\n  login ada\n  password ${MASK}\n`],
  ["default login ada password hunter2", `default login ada password ${MASK}`],
  [
    "ConvertTo-SecureString 'hunter2' -AsPlainText -Force",
    `ConvertTo-SecureString '${MASK}' -AsPlainText -Force`,
  ],
  [
    "ConvertTo-SecureString -AsPlainText -Force -String hunter2",
    `ConvertTo-SecureString -AsPlainText -Force -String ${MASK}`,
  ],
  ["new NetworkCredential('ada', 'hunter2')", `new NetworkCredential('ada', '${MASK}')`],
  ['db.auth("ada", "hunter2")', `db.auth("ada", "${MASK}")`],
  ["db.changeUserPassword('ada', 'hunter2')", `db.changeUserPassword('ada', '${MASK}')`],
  ['at user.setPassword("hunter2")', `at user.setPassword("${MASK}")`],
  ["SELECT crypt('hunter2', salt)", `SELECT crypt('${MASK}', salt)`],
  ["qpdf --encrypt hunter2 hunter2 256 -- a b", `qpdf --encrypt ${MASK} 256 -- a b`],
  // What stands between the name and the place is looked at, too.
  [
    "mysqladmin -u root -phunter2 --token=hunter2 password 'hunter2'",
    `mysqladmin -u root -p${MASK} --token=${MASK} password '${MASK}'`,
  ],
  ["xfreerdp /u:ada /p:hunter2 /v:h", `xfreerdp /u:ada /p:${MASK} /v:h`],
];

for (const [text, expected] of SHELL) {
  test(`R1: redactText() hides what a command reads or a call is given: ${JSON.stringify(text)}`, () => {
    assert.equal(redactText(text), expected);
    assert.equal(redactText(expected), expected);
    assert.doesNotMatch(redactText(JSON.stringify({ msg: text })), /hunter2/);
  });
}

const KEPT: readonly string[] = [
  "docker run -p 8080:80 -u 1000 web",
  "docker run -p 127.0.0.1:8080:80/tcp -u ada web",
  "journalctl -u web -p err -n 50",
  "systemctl show -p MainPID -u web",
  "sudo -u app mkdir -p releases",
  "docker exec -u ada web mkdir -p x",
  "ssh -l ada -p 2222 host",
  "psql -U ada -p 5433 db",
  "mysqldump -u root -p app > x",
  "vault login failed",
  "the vault login page is down",
  "cargo login required",
  "net user accounts were synced",
  "a net use of memory",
  "rabbitmqctl list_users",
  "mysqladmin password reset by ada",
  "openssl passwd failed",
  "user login failed",
  "planet user ada seen",
  "echo hello | tee x",
  "if (a <<< b) return",
  "put object into bucket",
  "etcdctl put /app/replicas 3",
  "consul kv put app/size 3",
  "ls | grep secret",
  "cat x | less -R <<< y",
  "the value of the string = 3",
  'var apiName string = "web"',
  "npm:foo@bar(baz)",
  "1:2@x(3)",
  "env added to the list <<< y",
  "aws cloudwatch put-metric-data --metric-name x --value 3",
  "curl -E cert.pem https://h",
  "ab -n 100 -c 10 http://h/",
  "ssh-keygen -t ed25519 -f k",
  "mc alias list",
  "setPassword() was called",
  "login('ada')",
  "GET /payments /p",
  "auth('x')",
];

test("redactText() keeps commands and sentences that hold no credential", () => {
  for (const text of KEPT) assert.equal(redactText(text), text);
});
