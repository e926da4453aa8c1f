/** What providers let one account send, from their own help pages; offered where a connection's limits are set. Where no page says it, nothing is said. */
import { noLimits, type Limits } from './pace.ts'

export interface ProviderLimit { readonly limits: Limits; readonly say: string }

const known: Readonly<Record<string, ProviderLimit>> = {
  // support.google.com/mail/answer/22839
  gmail: { limits: { ...noLimits, day: 500 }, say: 'Gmail takes 500 mails a day, Google Workspace 2,000.' },
  // learn.microsoft.com/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits
  'microsoft-365': { limits: { minute: 30, hour: null, day: 10_000 }, say: 'Microsoft 365 takes 30 mails a minute and 10,000 recipients a day.' },
  // support.microsoft.com, "Sending limits in Outlook.com"
  outlook: { limits: { ...noLimits, day: 300 }, say: 'Outlook.com takes some 300 mails a day, of new accounts fewer.' },
  // support.apple.com/102198
  icloud: { limits: { ...noLimits, day: 1000 }, say: 'iCloud Mail takes 1,000 mails a day.' },
}

export const providerLimit = (provider: string): ProviderLimit | null => known[provider] ?? null
