/** Builds the editor into editor/dist, which the runtime serves as it is: no inline script, no eval, every file named by its content. */
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: 'dist', emptyOutDir: true, target: 'es2022',
    // A small picture as data: URL would need its own line in the content security policy.
    assetsInlineLimit: 0,
  },
  server: { host: '127.0.0.1', proxy: { '/api': { target: process.env['MAILWEAVE_URL'] ?? 'http://127.0.0.1:7025' } } },
})
