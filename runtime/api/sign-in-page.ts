/** The small page a browser sees when it comes back from a provider's sign-in: how it went, and that the tab can go. No script. */
import { escapeHtml } from '#shared/mapping/html.ts'

export const signInPage = ({ ok, say }: { readonly ok: boolean; readonly say: string }): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${ok ? 'Signed in' : 'Not signed in'} · Mailweave</title>
<style>
  :root { color-scheme: light dark }
  body { margin: 0; min-height: 100vh; display: grid; place-content: center; padding: 24px; font: 14px/1.5 system-ui, sans-serif; text-align: center }
  h1 { margin: 0 0 6px; font-size: 20px }
  p { margin: 0; max-width: 46ch; overflow-wrap: anywhere }
  p + p { margin-top: 10px; opacity: .7 }
</style>
<main>
  <h1>${ok ? 'Signed in' : 'Not signed in'}</h1>
  <p>${escapeHtml(say)}</p>
  <p>Close this tab and go back to Mailweave.</p>
</main>
</html>
`
