/** One step: its settings, the last mail that met it, and notes for whoever comes next. */
import { ActionIcon, Tabs, Textarea, Tooltip } from '@mantine/core'
import { CopyPlus, Maximize2, Minimize2, Trash2 } from 'lucide-react'
import type { FlowNode } from '#shared/flow.ts'
import { nodeDescriptions } from '#shared/nodes/index.ts'
import { fillOf, kindIcons } from '../ui/families.ts'
import { nodeForms } from '../nodes/index.ts'
import { useDesk } from '../store/desk.ts'
import { adviceFor } from '../store/problems.ts'
import { texts } from '../texts.ts'
import { Note } from '../ui/note.tsx'
import css from './inspector.module.css'
import { LastMail, LastSent } from './last-mail.tsx'
import { LiveLine } from './live-line.tsx'
import { NextSteps } from './next-steps.tsx'

export function NodePanel({ node, wide, onWide }: { readonly node: FlowNode; readonly wide: boolean; readonly onWide: (wide: boolean) => void }) {
  const { store, problems } = useDesk()
  const description = nodeDescriptions[node.kind]
  const Icon = kindIcons[node.kind]
  const Form = nodeForms[node.kind]
  const about = (problems.byNode.get(node.id) ?? []).filter((problem) => problem.field === '')
  return (
    <Tabs defaultValue="settings" className={css['panel'] ?? ''} keepMounted={false}>
      <div className={css['top']}>
        <div className={css['head']}>
          <span className={css['icon']} style={{ background: fillOf(node.kind) }}><Icon size={16} strokeWidth={1.8} aria-hidden="true" /></span>
          <div className={css['headWords']}>
            <input className={css['name']} aria-label={texts.inspector.name} value={node.name ?? ''} placeholder={description.title} maxLength={120} dir="auto" spellCheck={false}
              onChange={(event) => { store.setWords(node.id, 'name', event.currentTarget.value) }} onBlur={store.endGesture} onKeyDown={(event) => { if (event.key === 'Enter') event.currentTarget.blur() }} />
            <LiveLine node={node} />
          </div>
          <div className={css['headActions']}>
            {node.kind === 'map-data' && <IconButton label={wide ? texts.inspector.narrower : texts.inspector.wider} onClick={() => { onWide(!wide) }}>{wide ? <Minimize2 size={15} /> : <Maximize2 size={15} />}</IconButton>}
            <IconButton label={texts.inspector.duplicate} onClick={store.duplicate}><CopyPlus size={15} /></IconButton>
            <IconButton label={texts.inspector.remove} onClick={store.removeSelected}><Trash2 size={15} /></IconButton>
          </div>
        </div>
        <Tabs.List className={css['tabs'] ?? ''}>
          <Tabs.Tab value="settings">{texts.inspector.settings}</Tabs.Tab>
          <Tabs.Tab value="mail">{description.family === 'send' ? texts.inspector.lastSent : texts.inspector.lastMail}</Tabs.Tab>
          <Tabs.Tab value="notes">{texts.inspector.notes}</Tabs.Tab>
        </Tabs.List>
      </div>
      <div className={css['body']} data-panel-body>
        <Tabs.Panel value="settings" className={css['settings'] ?? ''}>
          {about.length > 0 && <Note tone={about.some((problem) => problem.severity === 'error') ? 'bad' : 'warn'}>{adviceFor(about, '')}</Note>}
          <Form node={node} />
          <NextSteps node={node} />
        </Tabs.Panel>
        <Tabs.Panel value="mail">{description.family === 'send' ? <LastSent node={node.id} /> : <LastMail />}</Tabs.Panel>
        <Tabs.Panel value="notes">
          <Textarea label={texts.inspector.notesLabel} description={texts.inspector.notesHint} minRows={8} maxRows={30} maxLength={10_000} value={node.notes ?? ''} dir="auto"
            onChange={(event) => { store.setWords(node.id, 'notes', event.currentTarget.value) }} onBlur={store.endGesture} />
        </Tabs.Panel>
      </div>
    </Tabs>
  )
}

function IconButton({ label, onClick, children }: { readonly label: string; readonly onClick: () => void; readonly children: React.ReactNode }) {
  return <Tooltip label={label}><ActionIcon aria-label={label} size={28} onClick={onClick}>{children}</ActionIcon></Tooltip>
}
