/** Starts the editor in the page. */
// First, because it says in which order the layers count: ours under the kit's, the rest of ours over it.
import './theme.css'
import '@mantine/core/styles.layer.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { z } from 'zod'
import { App } from './app.tsx'

// The content security policy forbids eval, with which zod would compile its checks.
z.config({ jitless: true })

const root = document.getElementById('root')
if (root !== null) createRoot(root).render(<StrictMode><App /></StrictMode>)
