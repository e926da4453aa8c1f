/** Which headers a flow may write: the checker says so before a deploy, composing makes sure of it. */

/** What a mail's own machinery sets, what says who sent it, and what some servers take for recipients (the last eight). */
const reserved = /^(?:from|to|cc|bcc|sender|reply-to|subject|date|message-id|in-reply-to|references|received|return-path|auto-submitted|resent-.*|content-.*|mime-.*|dkim-.*|arc-.*|authentication-results|x-mailweave-.*|apparently-to|delivered-to|x-original-to|envelope-to|x-envelope-to|x-receiver|x-rcpt-to|x-smtpapi)$/i
/** Stricter than RFC 5322's ftext: what every relay lets through. */
const wellFormed = /^[A-Za-z][A-Za-z0-9-]{0,70}$/

/** null when the header may be written. */
export function headerRefusal(name: string): string | null {
  if (!wellFormed.test(name)) return `"${name.slice(0, 80)}" is no header name. Use letters, digits and hyphens, like X-Ticket.`
  return reserved.test(name) ? `The header "${name}" belongs to the mail itself. Use a name of your own, like X-Ticket.` : null
}
