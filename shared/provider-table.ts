/** Mail providers whose servers are publicly known, each from the provider's own help pages; what is not certain is left out. */
import type { Security } from './connection.ts'

export interface MailServer { readonly host: string; readonly port: number; readonly security: Security }

/** What a provider takes as proof of who logs in, the better one first. */
export type ProviderLogin = 'oauth2' | 'app-password' | 'password'

export interface Provider {
  readonly id: string
  readonly name: string
  /** Addresses at these domains are the provider's. */
  readonly domains: readonly string[]
  /** Mail for people's own domains goes to hosts under these names (MX records). */
  readonly mx: readonly string[]
  /** null: not offered. */
  readonly imap: MailServer | null
  readonly pop3: MailServer | null
  readonly smtp: MailServer | null
  /** What stands in the user field. */
  readonly user: 'address' | 'local-part'
  readonly logins: readonly ProviderLogin[]
  /** Puts each mail sent through it into the account's sent mail by itself. */
  readonly keepsSent?: true
  /** One sentence on what to do first; '' when address and password are all it takes. */
  readonly hint: string
}

// RFC 8314 section 7.3: TLS from the start where it is offered; 587 with STARTTLS where a provider has only that.
const imaps = (host: string): MailServer => ({ host, port: 993, security: 'tls' })
const pops = (host: string): MailServer => ({ host, port: 995, security: 'tls' })
const smtps = (host: string): MailServer => ({ host, port: 465, security: 'tls' })
const submission = (host: string): MailServer => ({ host, port: 587, security: 'starttls' })

const zohoHint = 'Allow IMAP or POP3 once in the settings of Zoho Mail; with two-factor sign-in make an app password.'
/** Personal addresses have other servers than people's own domains. */
const zoho = (ending: string, domains: readonly string[]): readonly Provider[] => [
  { id: `zoho-${ending}`, name: `Zoho Mail (zoho.${ending})`, domains, mx: [], imap: imaps(`imap.zoho.${ending}`), pop3: pops(`pop.zoho.${ending}`), smtp: smtps(`smtp.zoho.${ending}`), user: 'address', logins: ['password', 'app-password'], hint: zohoHint },
  { id: `zoho-pro-${ending}`, name: `Zoho Mail, own domain (zoho.${ending})`, domains: [], mx: [`zoho.${ending}`], imap: imaps(`imappro.zoho.${ending}`), pop3: pops(`poppro.zoho.${ending}`), smtp: smtps(`smtppro.zoho.${ending}`), user: 'address', logins: ['password', 'app-password'], hint: zohoHint },
]
const ionos = (ending: string, mx: readonly string[]): Provider => ({
  id: `ionos-${ending}`, name: `IONOS (ionos.${ending})`, domains: [], mx: [`ionos.${ending}`, ...mx],
  imap: imaps(`imap.ionos.${ending}`), pop3: pops(`pop.ionos.${ending}`), smtp: smtps(`smtp.ionos.${ending}`), user: 'address', logins: ['password'], hint: '',
})
const netease = (domain: string): Provider => ({
  id: `netease-${domain}`, name: `NetEase (${domain})`, domains: [domain], mx: [], imap: imaps(`imap.${domain}`), pop3: pops(`pop.${domain}`), smtp: smtps(`smtp.${domain}`), user: 'address', logins: ['app-password'],
  hint: 'Allow IMAP or POP3 in the settings of the mailbox and use the authorization code that is shown there as the password.',
})

export const providers: readonly Provider[] = [
  {
    id: 'gmail', name: 'Gmail, Google Workspace', keepsSent: true, domains: ['gmail.com', 'googlemail.com'], mx: ['google.com', 'googlemail.com'],
    imap: imaps('imap.gmail.com'), pop3: pops('pop.gmail.com'), smtp: smtps('smtp.gmail.com'), user: 'address', logins: ['oauth2', 'app-password'],
    hint: 'The usual password is refused: sign in with Google, or turn on 2-Step Verification and make an app password at myaccount.google.com/apppasswords.',
  },
  {
    id: 'outlook', name: 'Outlook.com, Hotmail, Live', keepsSent: true, mx: ['olc.protection.outlook.com'],
    domains: [
      'outlook.com', 'hotmail.com', 'live.com', 'msn.com', 'windowslive.com', 'outlook.at', 'outlook.be', 'outlook.com.au', 'outlook.com.br', 'outlook.de', 'outlook.dk', 'outlook.es', 'outlook.fr', 'outlook.ie', 'outlook.in', 'outlook.it', 'outlook.jp', 'outlook.pt',
      'hotmail.be', 'hotmail.ca', 'hotmail.ch', 'hotmail.co.uk', 'hotmail.com.ar', 'hotmail.com.br', 'hotmail.de', 'hotmail.es', 'hotmail.fr', 'hotmail.it', 'hotmail.nl', 'hotmail.se', 'live.at', 'live.be', 'live.ca', 'live.co.uk', 'live.com.au', 'live.de', 'live.dk', 'live.fr', 'live.ie', 'live.it', 'live.nl', 'live.no', 'live.se',
    ],
    imap: imaps('outlook.office365.com'), pop3: pops('outlook.office365.com'), smtp: submission('smtp-mail.outlook.com'), user: 'address', logins: ['oauth2'],
    hint: 'Microsoft takes no password here: sign in with Microsoft, and allow IMAP or POP once in the settings of Outlook.com under "Forwarding and IMAP".',
  },
  {
    id: 'microsoft-365', name: 'Microsoft 365, Exchange Online', keepsSent: true, domains: ['onmicrosoft.com'], mx: ['mail.protection.outlook.com', 'mx.microsoft'],
    imap: imaps('outlook.office365.com'), pop3: pops('outlook.office365.com'), smtp: submission('smtp.office365.com'), user: 'address', logins: ['oauth2'],
    hint: 'Microsoft takes no password here: sign in with Microsoft; an administrator may have to allow IMAP and "Authenticated SMTP" for the mailbox first.',
  },
  {
    id: 'icloud', name: 'iCloud Mail', domains: ['icloud.com', 'me.com', 'mac.com'], mx: ['mail.icloud.com'],
    imap: imaps('imap.mail.me.com'), pop3: null, smtp: submission('smtp.mail.me.com'), user: 'address', logins: ['app-password'],
    hint: 'Make an app-specific password at account.apple.com; the usual one is refused, and there is no POP3.',
  },
  {
    id: 'yahoo', name: 'Yahoo Mail', mx: ['am0.yahoodns.net'],
    domains: ['yahoo.com', 'ymail.com', 'rocketmail.com', 'myyahoo.com', 'yahoo.ca', 'yahoo.co.id', 'yahoo.co.in', 'yahoo.co.nz', 'yahoo.co.uk', 'yahoo.com.ar', 'yahoo.com.au', 'yahoo.com.br', 'yahoo.com.mx', 'yahoo.com.sg', 'yahoo.de', 'yahoo.dk', 'yahoo.es', 'yahoo.fr', 'yahoo.gr', 'yahoo.ie', 'yahoo.in', 'yahoo.it', 'yahoo.no', 'yahoo.pl', 'yahoo.ro', 'yahoo.se'],
    imap: imaps('imap.mail.yahoo.com'), pop3: pops('pop.mail.yahoo.com'), smtp: smtps('smtp.mail.yahoo.com'), user: 'address', logins: ['app-password'],
    hint: 'Make an app password in the account security settings of Yahoo; the usual one is refused.',
  },
  {
    id: 'aol', name: 'AOL Mail', domains: ['aol.com', 'aim.com', 'aol.de', 'aol.fr', 'aol.it', 'aol.co.uk'], mx: ['gm0.yahoodns.net'],
    imap: imaps('imap.aol.com'), pop3: pops('pop.aol.com'), smtp: smtps('smtp.aol.com'), user: 'address', logins: ['app-password'],
    hint: 'Make an app password in the account security settings of AOL; the usual one is refused.',
  },
  {
    id: 'gmx', name: 'GMX', domains: ['gmx.de', 'gmx.net', 'gmx.at', 'gmx.ch', 'gmx.eu', 'gmx.org', 'gmx.info', 'gmx.biz'], mx: ['gmx.net'],
    imap: imaps('imap.gmx.net'), pop3: pops('pop.gmx.net'), smtp: smtps('mail.gmx.net'), user: 'address', logins: ['password', 'app-password'],
    hint: 'Allow POP3 and IMAP once in the e-mail settings of GMX; with two-factor sign-in make an app password.',
  },
  {
    id: 'gmx-com', name: 'GMX (gmx.com)', domains: ['gmx.com', 'gmx.us', 'gmx.co.uk'], mx: [],
    imap: imaps('imap.gmx.com'), pop3: pops('pop.gmx.com'), smtp: submission('mail.gmx.com'), user: 'address', logins: ['password', 'app-password'],
    hint: 'Allow POP3 and IMAP once in the e-mail settings of GMX; with two-factor sign-in make an app password.',
  },
  {
    id: 'web-de', name: 'WEB.DE', domains: ['web.de'], mx: [],
    imap: imaps('imap.web.de'), pop3: pops('pop3.web.de'), smtp: submission('smtp.web.de'), user: 'address', logins: ['password', 'app-password'],
    hint: 'Allow POP3 and IMAP once in the e-mail settings of WEB.DE; by POP3 look at most every 15 minutes.',
  },
  {
    id: 'mail-com', name: 'mail.com', domains: ['mail.com', 'email.com', 'post.com', 'usa.com', 'europe.com', 'consultant.com', 'engineer.com'], mx: [],
    imap: imaps('imap.mail.com'), pop3: pops('pop.mail.com'), smtp: smtps('smtp.mail.com'), user: 'address', logins: ['password'],
    hint: 'Allow POP3 and IMAP once in the e-mail settings of mail.com.',
  },
  {
    id: 't-online', name: 'T-Online, Telekom', domains: ['t-online.de', 'magenta.de'], mx: [],
    imap: imaps('secureimap.t-online.de'), pop3: pops('securepop.t-online.de'), smtp: smtps('securesmtp.t-online.de'), user: 'address', logins: ['app-password'],
    hint: 'Set a password for e-mail programs in the customer centre of Telekom; the one of the web page is refused.',
  },
  {
    id: 'vodafone-de', name: 'Vodafone, Arcor', domains: ['vodafonemail.de', 'vodafone.de', 'arcor.de', 'kabelmail.de'], mx: [],
    imap: imaps('imap.vodafonemail.de'), pop3: pops('pop3.vodafonemail.de'), smtp: smtps('smtp.vodafonemail.de'), user: 'address', logins: ['password'], hint: '',
  },
  {
    id: 'freenet', name: 'freenet Mail', domains: ['freenet.de'], mx: [],
    imap: imaps('mx.freenet.de'), pop3: null, smtp: smtps('mx.freenet.de'), user: 'address', logins: ['password'],
    hint: 'Allow "POP3, IMAP und SMTP" once in the settings of the freenet mailbox.',
  },
  {
    id: 'fastmail', name: 'Fastmail', domains: ['fastmail.com', 'fastmail.fm', 'fastmail.de', 'fastmail.net', 'fastmail.org', 'sent.com'], mx: ['messagingengine.com'],
    imap: imaps('imap.fastmail.com'), pop3: pops('pop.fastmail.com'), smtp: smtps('smtp.fastmail.com'), user: 'address', logins: ['app-password'],
    hint: 'Make an app password under "Privacy & Security" in the settings of Fastmail; the usual one is refused.',
  },
  ...zoho('com', ['zoho.com', 'zohomail.com']), ...zoho('eu', ['zoho.eu', 'zohomail.eu']), ...zoho('in', ['zoho.in', 'zohomail.in']),
  {
    id: 'proton', name: 'Proton Mail', domains: ['proton.me', 'protonmail.com', 'protonmail.ch', 'pm.me'], mx: ['protonmail.ch'],
    imap: { host: '127.0.0.1', port: 1143, security: 'starttls' }, pop3: null, smtp: { host: '127.0.0.1', port: 1025, security: 'starttls' }, user: 'address', logins: ['app-password'],
    hint: 'Start Proton Mail Bridge on this machine, use the password that it shows, and paste the certificate that it exports.',
  },
  {
    id: 'tuta', name: 'Tuta, Tutanota', domains: ['tuta.com', 'tuta.io', 'tutanota.com', 'tutanota.de', 'tutamail.com', 'keemail.me'], mx: ['tutanota.de'],
    imap: null, pop3: null, smtp: null, user: 'address', logins: [],
    hint: 'Tuta offers no IMAP, POP3 or SMTP, so no other program can reach this mailbox: use an address at another provider.',
  },
  {
    id: 'mailbox-org', name: 'mailbox.org', domains: ['mailbox.org'], mx: ['mailbox.org'],
    imap: imaps('imap.mailbox.org'), pop3: pops('pop3.mailbox.org'), smtp: smtps('smtp.mailbox.org'), user: 'address', logins: ['password', 'app-password'],
    hint: 'With two-factor sign-in make an application password in the settings of mailbox.org.',
  },
  {
    id: 'posteo', name: 'Posteo', domains: ['posteo.de', 'posteo.net', 'posteo.org', 'posteo.eu', 'posteo.at', 'posteo.ch', 'posteo.com'], mx: ['posteo.de'],
    imap: imaps('posteo.de'), pop3: pops('posteo.de'), smtp: smtps('posteo.de'), user: 'address', logins: ['password'],
    hint: 'With the extra protection of e-mail access make an app password in the settings of Posteo.',
  },
  ionos('de', ['kundenserver.de', 'schlund.de']), ionos('com', ['perfora.net']), ionos('co.uk', []), ionos('fr', []),
  {
    id: '1und1', name: '1&1', domains: ['online.de', 'onlinehome.de', 'go4more.de', 'sofort-start.de', 'sofort-surf.de'], mx: [],
    imap: imaps('imap.1und1.de'), pop3: pops('pop.1und1.de'), smtp: smtps('smtp.1und1.de'), user: 'address', logins: ['password'], hint: '',
  },
  {
    id: 'strato', name: 'STRATO', domains: [], mx: ['rzone.de'],
    imap: imaps('imap.strato.de'), pop3: pops('pop3.strato.de'), smtp: smtps('smtp.strato.de'), user: 'address', logins: ['password'], hint: '',
  },
  {
    id: 'ovh', name: 'OVHcloud', domains: [], mx: ['mail.ovh.net'],
    imap: imaps('ssl0.ovh.net'), pop3: pops('ssl0.ovh.net'), smtp: smtps('ssl0.ovh.net'), user: 'address', logins: ['password'],
    hint: 'Email Pro and Exchange of OVHcloud have a server of their own, such as pro1.mail.ovh.net: the control panel names it.',
  },
  {
    id: 'infomaniak', name: 'Infomaniak', domains: ['ik.me', 'ikmail.com', 'etik.com'], mx: ['infomaniak.ch', 'infomaniak.com'],
    imap: imaps('mail.infomaniak.com'), pop3: pops('mail.infomaniak.com'), smtp: smtps('mail.infomaniak.com'), user: 'address', logins: ['app-password', 'password'],
    hint: 'Use the password of the mail address, made in the Infomaniak manager; the one of the Infomaniak account is refused.',
  },
  {
    id: 'gandi', name: 'Gandi', domains: [], mx: ['mail.gandi.net'],
    imap: imaps('mail.gandi.net'), pop3: pops('mail.gandi.net'), smtp: smtps('mail.gandi.net'), user: 'address', logins: ['password'], hint: '',
  },
  {
    id: 'one-com', name: 'one.com', domains: [], mx: ['one.com'],
    imap: imaps('imap.one.com'), pop3: pops('pop.one.com'), smtp: smtps('send.one.com'), user: 'address', logins: ['password'], hint: '',
  },
  {
    id: 'hostinger', name: 'Hostinger', domains: [], mx: ['hostinger.com'],
    imap: imaps('imap.hostinger.com'), pop3: pops('pop.hostinger.com'), smtp: smtps('smtp.hostinger.com'), user: 'address', logins: ['password'], hint: '',
  },
  {
    id: 'godaddy', name: 'GoDaddy', domains: [], mx: ['secureserver.net'],
    imap: imaps('imap.secureserver.net'), pop3: pops('pop.secureserver.net'), smtp: smtps('smtpout.secureserver.net'), user: 'address', logins: ['password'],
    hint: 'Accounts of "Microsoft 365 from GoDaddy" use the servers of Microsoft 365 instead.',
  },
  {
    id: 'rackspace', name: 'Rackspace Email', domains: [], mx: ['emailsrvr.com'],
    imap: imaps('secure.emailsrvr.com'), pop3: pops('secure.emailsrvr.com'), smtp: smtps('secure.emailsrvr.com'), user: 'address', logins: ['password'], hint: '',
  },
  {
    id: 'namecheap', name: 'Namecheap Private Email', domains: [], mx: ['privateemail.com'],
    imap: imaps('mail.privateemail.com'), pop3: pops('mail.privateemail.com'), smtp: smtps('mail.privateemail.com'), user: 'address', logins: ['password'], hint: '',
  },
  {
    id: 'migadu', name: 'Migadu', domains: [], mx: ['migadu.com'],
    imap: imaps('imap.migadu.com'), pop3: pops('pop.migadu.com'), smtp: smtps('smtp.migadu.com'), user: 'address', logins: ['password'], hint: '',
  },
  {
    id: 'yandex', name: 'Yandex Mail', domains: ['yandex.com', 'yandex.ru', 'ya.ru', 'yandex.by', 'yandex.kz'], mx: ['yandex.net', 'yandex.ru'],
    imap: imaps('imap.yandex.com'), pop3: pops('pop.yandex.com'), smtp: smtps('smtp.yandex.com'), user: 'address', logins: ['app-password'],
    hint: 'Allow mail programs in the settings of Yandex Mail and make an app password; the usual one is refused.',
  },
  {
    id: 'mail-ru', name: 'Mail.ru', domains: ['mail.ru', 'inbox.ru', 'list.ru', 'bk.ru', 'internet.ru'], mx: ['mail.ru'],
    imap: imaps('imap.mail.ru'), pop3: pops('pop.mail.ru'), smtp: smtps('smtp.mail.ru'), user: 'address', logins: ['app-password'],
    hint: 'Make a password for external applications in the security settings of Mail.ru; the usual one is refused.',
  },
  {
    id: 'seznam', name: 'Seznam', domains: ['seznam.cz', 'email.cz', 'post.cz'], mx: ['seznam.cz'],
    imap: imaps('imap.seznam.cz'), pop3: pops('pop3.seznam.cz'), smtp: smtps('smtp.seznam.cz'), user: 'address', logins: ['password'], hint: '',
  },
  {
    id: 'orange-fr', name: 'Orange', domains: ['orange.fr', 'wanadoo.fr'], mx: [],
    imap: imaps('imap.orange.fr'), pop3: pops('pop.orange.fr'), smtp: smtps('smtp.orange.fr'), user: 'address', logins: ['password'], hint: '',
  },
  {
    id: 'free-fr', name: 'Free', domains: ['free.fr'], mx: [],
    imap: imaps('imap.free.fr'), pop3: pops('pop.free.fr'), smtp: smtps('smtp.free.fr'), user: 'local-part', logins: ['password'], hint: '',
  },
  {
    id: 'sfr', name: 'SFR', domains: ['sfr.fr', 'neuf.fr', 'cegetel.net', 'club-internet.fr'], mx: [],
    imap: imaps('imap.sfr.fr'), pop3: pops('pop.sfr.fr'), smtp: smtps('smtp.sfr.fr'), user: 'address', logins: ['password'], hint: '',
  },
  {
    id: 'laposte', name: 'La Poste', domains: ['laposte.net'], mx: [],
    imap: imaps('imap.laposte.net'), pop3: pops('pop.laposte.net'), smtp: smtps('smtp.laposte.net'), user: 'address', logins: ['password'],
    hint: 'Allow access by other programs once in the settings of laposte.net.',
  },
  {
    id: 'libero', name: 'Libero', domains: ['libero.it', 'inwind.it', 'iol.it', 'blu.it', 'giallo.it'], mx: [],
    imap: imaps('imapmail.libero.it'), pop3: pops('popmail.libero.it'), smtp: smtps('smtp.libero.it'), user: 'address', logins: ['password', 'app-password'],
    hint: 'With two-factor sign-in make a password for applications in the settings of Libero.',
  },
  {
    id: 'bluewin', name: 'Swisscom Bluewin', domains: ['bluewin.ch', 'bluemail.ch'], mx: [],
    imap: imaps('imaps.bluewin.ch'), pop3: pops('pop3s.bluewin.ch'), smtp: smtps('smtpauths.bluewin.ch'), user: 'address', logins: ['password'], hint: '',
  },
  {
    id: 'comcast', name: 'Comcast Xfinity', domains: ['comcast.net'], mx: [],
    imap: imaps('imap.comcast.net'), pop3: pops('mail.comcast.net'), smtp: smtps('smtp.comcast.net'), user: 'address', logins: ['password'],
    hint: 'Allow third-party access once in the security settings of Xfinity email.',
  },
  {
    id: 'att', name: 'AT&T', domains: ['att.net', 'sbcglobal.net', 'bellsouth.net', 'pacbell.net', 'ameritech.net', 'swbell.net', 'prodigy.net', 'currently.com'], mx: [],
    imap: imaps('imap.mail.att.net'), pop3: pops('inbound.att.net'), smtp: smtps('smtp.mail.att.net'), user: 'address', logins: ['app-password'],
    hint: 'Make a secure mail key in the AT&T profile and use it as the password.',
  },
  {
    id: 'qq', name: 'QQ Mail', domains: ['qq.com', 'foxmail.com'], mx: [],
    imap: imaps('imap.qq.com'), pop3: pops('pop.qq.com'), smtp: smtps('smtp.qq.com'), user: 'address', logins: ['app-password'],
    hint: 'Allow IMAP or POP3 in the settings of the mailbox and use the authorization code that is shown there as the password.',
  },
  {
    id: 'tencent-exmail', name: 'Tencent Exmail', domains: [], mx: ['mxbiz1.qq.com', 'mxbiz2.qq.com'],
    imap: imaps('imap.exmail.qq.com'), pop3: pops('pop.exmail.qq.com'), smtp: smtps('smtp.exmail.qq.com'), user: 'address', logins: ['password', 'app-password'],
    hint: 'With secure login make a client password in the settings of the mailbox.',
  },
  netease('163.com'), netease('126.com'), netease('yeah.net'),
]
