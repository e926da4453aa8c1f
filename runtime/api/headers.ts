/** Headers of every answer: what a browser may load, run and remember of this server. */
import type { NextFunction, Request, Response } from 'express'
import helmet from 'helmet'

/**
 * No script but our own files, no plugin, no frame around us, no form to anywhere. Styles may be inline because Mantine
 * writes its theme as a <style> element and xyflow positions nodes by style attributes; inline styles run no code, and
 * mail HTML that could use them is sanitised and shown in a frame of its own without scripts.
 */
export const securityHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:', 'blob:'],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      frameSrc: ["'self'", 'blob:'],
      manifestSrc: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
    },
  },
  // Plain http on loopback is the normal way; a proxy that adds TLS adds this too.
  strictTransportSecurity: false,
  xFrameOptions: { action: 'deny' },
})

/** What the API says is for whoever asked, now. */
export function neverStore(_: Request, response: Response, next: NextFunction): void {
  response.set('Cache-Control', 'no-store')
  next()
}
