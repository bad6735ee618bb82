/** The flags of commands whose value is a credential; `*` says that the value may be written on to the flag, `:` that only what stands behind a colon is one. */
export const FLAGS: Readonly<Record<string, string>> = {
  curl: "-u* -U* --user --proxy-user --oauth2-bearer --pass -E: --cert:",
  "http https xh xhs hey wscat": "-a* --auth",
  "mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlsh mycli mariadb mariadb-dump mariadb-admin 7z 7za rar unrar":
    "-p*",
  "sshpass mongo mongosh mongodump mongorestore mongoexport mongoimport cqlsh rdesktop psexec certutil":
    "-p*",
  "useradd usermod winrs elasticsearch-users beeline supabase hydra medusa crackmapexec nxc evil-winrm":
    "-p*",
  "redis-cli valkey-cli keydb-cli": "-a",
  "zip unzip sqlcmd bcp osql ipmitool mosquitto_pub mosquitto_sub p4 knife ykman": "-P* --pw",
  "ssh-keygen": "-N* -P*",
  "ldapsearch ldapadd ldapmodify ldapdelete ldapwhoami kadmin kadmin.local": "-w* -pw",
  ldappasswd: "-w* -s* -a*",
  "smbclient rpcclient smbget lftp net": "-U* -u",
  "plink pscp psftp putty addprinc": "-pw",
  "snmpget snmpset snmpwalk snmpbulkwalk": "-c* -A -X",
  "keytool jarsigner": "-storepass -keypass -srcstorepass -deststorepass -srckeypass -destkeypass",
  openssl: "-passin -passout -pass -password -k -K -hmac",
  "skopeo buildah crictl": "--creds --src-creds --dest-creds",
  "xfreerdp wfreerdp freerdp signtool": "/p:* /p",
  "cmdkey schtasks wmic": "/pass:* /rp /password:*",
  security: "-p* -P* -w*",
  "ab sqlmap": "-A* -P* --auth-cred",
  "influx doctl": "-t --access-token",
  "yt-dlp youtube-dl": "-p",
  nikto: "-id",
  dotnet: "-k",
  etcdctl: "--user",
  vault: "-id",
  "swaks sendemail": "-ap -xp",
  gem: "--key -k",
  "kubectl oc": "--from-literal",
  "convertto-securestring": "-String -string",
};

/** The same where a word has to follow the command. */
export const LOGIN_FLAGS: Readonly<Record<string, string>> = {
  "docker podman nerdctl buildah az helm oc glab": "-p* -t",
};

/**
 * Where credentials stand among the words of a command that are no flags: a word of the command, one of several
 * (`a/b`), any word (`.`), one that ends as the name of a secret (`name`), the credential (`$`), and all that follow
 * (`$*`). `=` is a name with its value, `user/` and
 * `user:` are a name with its password (`ada/x@db`, `ada:x`).
 */
export const PLACES: Readonly<Record<string, readonly string[]>> = {
  vault: ["login $", "unseal $", "lookup/revoke/renew $", "kv put/patch . =*"],
  rabbitmqctl: ["add_user/change_password/authenticate_user . $"],
  htpasswd: ["-nb . $", "-b . . $"],
  mosquitto_passwd: ["-b . . $"],
  mysqladmin: ["password $"],
  net: ["user . $", "use $*"],
  wpa_passphrase: [". $"],
  smbpasswd: [". $"],
  mkpasswd: ["$*"],
  openssl: ["passwd $*"],
  "sqlplus sqlldr rman sqlcl": ["user/*"],
  "exp imp expdp impdp": ["user/*"],
  nmcli: ["password $"],
  isql: [". . $"],
  etcdctl: ["add user:", "put name $"],
  consul: ["put name $"],
  pdftk: ["user_pw/owner_pw $"],
  qpdf: ["--encrypt $ $"],
  cloudflared: ["install $"],
  bw: ["login . $", "unlock $"],
  cargo: ["login $"],
  cf: ["auth . $"],
  snyk: ["auth $"],
  ngrok: ["authtoken/add-authtoken $"],
  poetry: ["config . . $"],
  composer: ["config . . $", "github-oauth.github.com/gitlab-oauth.gitlab.com/gitlab-token.gitlab.com $"],
  "ansible-vault": ["encrypt_string $"],
  chamber: ["write . . $"],
  drush: ["user:password/upwd . $"],
  "grafana grafana-cli": ["reset-admin-password $"],
  "convertto-securestring": ["$"],
  mc: ["alias set . . . $", "host add . . . $"],
  gcloud: ["activate-refresh-token . $"],
  "samba-tool": ["user create/add . $"],
  rclone: ["obscure $", "pass/password/token/client_secret/secret_access_key $"],
};

/** Settings of Redis that are passwords. */
export const PASSWORD_SETTINGS: ReadonlySet<string> = new Set(
  "requirepass masterauth primaryauth auth-pass sentinel-pass masteruser tls-key-file-pass tls-client-key-file-pass".split(
    " ",
  ),
);
