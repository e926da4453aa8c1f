/** The last messages of the live stream, numbered, bounded in count and bytes, for pages that come back. */

export interface Ring {
  /** Keeps the message and returns it as the stream's text, with its number. */
  add(data: string): { readonly text: string; readonly id: number }
  /** Something happened that was not written down: whoever comes back from before it must load again. */
  miss(): void
  /** What the stream says first: the messages after `id`, or a reload when these are not all known. */
  since(id: number | null): string
}

export function makeRing(firstId: number, most: { readonly messages: number; readonly bytes: number }): Ring {
  let last = firstId
  /** Ids from here on are complete. */
  let completeFrom = firstId
  let gap = false
  let bytes = 0
  let kept: { readonly id: number; readonly text: string }[] = []
  const reload = (): string => `id: ${last}\ndata: {"type":"reload"}\n\n`
  return {
    add: (data) => {
      gap = false
      last += 1
      const text = `id: ${last}\ndata: ${data}\n\n`
      kept.push({ id: last, text })
      bytes += text.length
      while (kept.length > most.messages || bytes > most.bytes) {
        const gone = kept.shift()
        if (!gone) break
        bytes -= gone.text.length
        completeFrom = gone.id
      }
      return { text, id: last }
    },
    miss: () => {
      // One step on marks the gap; nobody can have seen the new id before the next add or since.
      if (gap) return
      gap = true
      kept = []
      bytes = 0
      last += 1
      completeFrom = last
    },
    since: (id) => {
      gap = false
      // An id alone moves the browser's Last-Event-ID and shows the page nothing (HTML, server-sent events, dispatch step 1).
      if (id === null) return `id: ${last}\n\n`
      if (id > last || id < completeFrom) return reload()
      return kept.filter((message) => message.id > id).map(({ text }) => text).join('') || `id: ${last}\n\n`
    },
  }
}
