/** The pictures that a mail's HTML shows by their Content-ID, fetched from our own server when the HTML is looked at. */
import { useEffect, useState } from 'react'
import type { Mail } from '#shared/mail.ts'

/** A page of more or larger pictures is shown without the rest; all of it can be downloaded. */
const most = { pictures: 40, bytes: 5_000_000 } as const

/** By Content-ID, as data: addresses: the frame they are shown in may load nothing else. `partsHref` is '' where nobody gives the bytes. */
export function usePictures(mail: Mail, partsHref: string): ReadonlyMap<string, string> {
  const [pictures, setPictures] = useState<ReadonlyMap<string, string>>(new Map())
  useEffect(() => {
    const wanted = partsHref === '' ? [] : picturesIn(mail)
    if (wanted.length === 0) return
    const stop = new AbortController()
    void Promise.all(wanted.map(async ({ cid, at }) => [cid, await fetchPicture(`${partsHref}/${at}?as=picture`, stop.signal)] as const))
      .then((found) => { if (!stop.signal.aborted) setPictures(new Map(found.flatMap(([cid, data]) => (data === null ? [] : [[cid, data] as const])))) })
    return () => { stop.abort() }
  }, [mail, partsHref])
  return pictures
}

/** Those that the HTML names at all; whether it shows them is the sanitiser's to find. */
export const picturesIn = (mail: Mail): readonly { readonly cid: string; readonly at: number }[] =>
  mail.attachments.flatMap(({ cid, type, size }, at) => (cid !== '' && type.startsWith('image/') && size <= most.bytes && /cid:/i.test(mail.html) ? [{ cid, at }] : [])).slice(0, most.pictures)

/** null: not there, or of a kind that is only given as a download. */
async function fetchPicture(href: string, signal: AbortSignal): Promise<string | null> {
  try {
    const response = await fetch(href, { credentials: 'same-origin', signal })
    const blob = response.ok && (response.headers.get('content-type') ?? '').startsWith('image/') ? await response.blob() : null
    return blob && await readData(blob)
  } catch {
    // The words of the picture stand in its place.
    return null
  }
}

const readData = (blob: Blob): Promise<string | null> => new Promise((resolve) => {
  const reader = new FileReader()
  // null when it could not be read.
  reader.addEventListener('loadend', () => { resolve(typeof reader.result === 'string' ? reader.result : null) })
  reader.readAsDataURL(blob)
})
