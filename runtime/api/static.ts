/** The built editor, straight from its folder: hashed files may be kept for ever, every other page address gives the app. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import express, { type NextFunction, type Request, type Response, type Router } from 'express'

export function serveEditor(folder: string): Router {
  const router = express.Router()
  const index = path.join(folder, 'index.html')
  // express.static keeps to the folder, lists nothing and leaves dot files alone.
  router.use(express.static(folder, {
    index: false, redirect: false, dotfiles: 'ignore',
    setHeaders: (response, file) => { response.set('Cache-Control', isHashed(folder, file) ? 'public, max-age=31536000, immutable' : 'no-cache') },
  }))
  router.use((request: Request, response: Response, next: NextFunction) => {
    if (!isPage(request)) {
      next()
      return
    }
    response.set('Cache-Control', 'no-cache')
    if (existsSync(index)) response.sendFile(index, { dotfiles: 'allow' }, (error?: Error) => { if (error) next(error) })
    else response.status(503).type('html').send(notBuilt)
  })
  return router
}

/** Vite puts a hash of the content into the names under assets/. */
const isHashed = (folder: string, file: string): boolean => path.relative(folder, file).startsWith(`assets${path.sep}`)

/** Addresses of the app have no extension; a missing picture is a missing picture. */
const isPage = (request: Request): boolean =>
  (request.method === 'GET' || request.method === 'HEAD') && path.extname(request.path) === '' && Boolean(request.accepts('html'))

const notBuilt = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Mailweave</title>
<h1>Mailweave runs, but its editor is not built yet</h1>
<p>Run <code>npm run build</code> in the folder of Mailweave and load this page again.</p>
<p>The API is there already: <a href="/api/health">/api/health</a>.</p>
</html>
`
