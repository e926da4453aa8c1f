/** The configuration of the tests' Dovecot: loopback, Maildir, every user with one password, bounds out of the way. */
export interface DovecotPorts { readonly imap: number; readonly imaps: number; readonly pop3: number; readonly pop3s: number; readonly lmtp: number; readonly sasl: number }

const listener = (name: string, port: number, tls = false): string => `inet_listener ${name} {
    address = 127.0.0.1
    port = ${port}${tls ? '\n    ssl = yes' : ''}
  }`

export const dovecotConfig = (folder: string, ports: DovecotPorts, password: string, tokens: boolean): string => `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
protocols = imap pop3 lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <${folder}/server.pem
ssl_key = <${folder}/server.key
disable_plaintext_auth = no
auth_mechanisms = plain login${tokens ? ' xoauth2 oauthbearer' : ''}
auth_master_user_separator = *
auth_username_format = %Ln
auth_failure_delay = 0
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:${folder}/mail/%n
mail_max_userip_connections = 0
mailbox_idle_check_interval = 1 secs
postmaster_address = postmaster@example.org
hostname = mail.example.org
passdb {
  driver = passwd-file
  args = ${folder}/masters
  master = yes
}
${tokens ? `passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${folder}/oauth2.conf
}` : ''}
passdb {
  driver = static
  mechanisms = plain login
  args = password=${password}
}
userdb {
  driver = static
  args = uid=mail gid=mail home=${folder}/home/%n allow_all_users=yes
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Archive {
    auto = create
    special_use = \\Archive
  }
  mailbox Sent {
    auto = create
    special_use = \\Sent
  }
}
namespace shared {
  type = public
  separator = /
  prefix = Shared/
  location = maildir:${folder}/public
  subscriptions = no
  list = children
}
service imap-login {
  ${listener('imap', ports.imap)}
  ${listener('imaps', ports.imaps, true)}
  service_count = 0
}
service pop3-login {
  ${listener('pop3', ports.pop3)}
  ${listener('pop3s', ports.pop3s, true)}
  service_count = 0
}
protocol pop3 {
  # A look by POP3 changes no mark, as one by IMAP does not.
  pop3_no_flag_updates = yes
}
service lmtp {
  ${listener('lmtp', ports.lmtp)}
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service auth {
  ${listener('sasl', ports.sasl)}
}
`

/** Each token is posted to the server that gave it, which says whose it is. */
export const dovecotTokens = (introspectionUrl: string): string => `
introspection_mode = post
introspection_url = ${introspectionUrl}
username_attribute = username
active_attribute = active
active_value = true
tokeninfo_url =
`
