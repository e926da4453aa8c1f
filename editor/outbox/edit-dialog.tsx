/** Edit and send: who is still open may be written to elsewhere or left out, the account and the words may change. Who has the mail is only named. */
import { Button, Group, Modal, Select, Textarea, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { SendEdit } from '#shared/api.ts'
import type { Mail } from '#shared/mail.ts'
import { editable } from '#shared/outbox.ts'
import type { SendView } from '#shared/run.ts'
import { api } from '../api/client.ts'
import { useConnections, useSendMail } from '../api/queries.ts'
import { Fold } from '../ui/fold.tsx'
import { sayCount } from '../ui/formats.ts'
import { Loading } from '../ui/loading.tsx'
import { ErrorNote, Note } from '../ui/note.tsx'
import css from './outbox-page.module.css'

export interface EditDialogProps {
  readonly send: SendView
  readonly onClose: () => void
  /** The copy that goes out now. */
  readonly onSent: (copy: SendView) => void
}
export function EditDialog({ send, onClose, onSent }: EditDialogProps) {
  const mail = useSendMail(send.id)
  return (
    <Modal opened onClose={onClose} title="Edit and send" size="lg" centered>
      {mail.isPending && <Loading what="the mail" />}
      {mail.error && <ErrorNote error={mail.error} onRetry={mail.refetch} />}
      {mail.data && <EditForm send={send} mail={mail.data.mail} onClose={onClose} onSent={onSent} />}
    </Modal>
  )
}

function EditForm({ send, mail, onClose, onSent }: EditDialogProps & { readonly mail: Mail }) {
  const senders = (useConnections().data?.connections ?? []).filter(({ kind }) => kind === 'smtp')
  const open = editable(send.recipients)
  const have = send.recipients.filter(({ state }) => state === 'sent')
  const [draft, setDraft] = useState<SendEdit>({})
  const [people, setPeople] = useState<Readonly<Record<string, string | null>>>(Object.fromEntries(open.map(({ address }) => [address, address])))
  const changed = Object.entries(people).filter(([before, now]) => now === null || now.trim() !== before)
  const edit: SendEdit = { ...draft, ...(changed.length > 0 ? { recipients: Object.fromEntries(changed) } : {}) }
  const newWords = edit.subject !== undefined || edit.text !== undefined || edit.html !== undefined
  const nobody = Object.values(people).every((one) => one === null)
  const save = useMutation({ mutationFn: () => api('POST /api/outbox/:id/edit', { params: { id: send.id }, body: edit }), onSuccess: onSent })
  const set = (field: 'subject' | 'text' | 'html' | 'connection', value: string, before: string) => {
    setDraft(({ [field]: _, ...others }) => (value === before ? others : { ...others, [field]: value }))
  }
  return (
    <form className={css['edit']} onSubmit={(event) => {
      event.preventDefault()
      save.mutate()
    }}>
      {open.map(({ address, answer }) => (people[address] === null
        ? (
          <p key={address} className={css['leftOut']}><s><bdi>{address}</bdi></s> is given up. <Button size="compact-xs" variant="subtle" onClick={() => { setPeople({ ...people, [address]: address }) }}>Put back</Button></p>
        )
        : (
          <div key={address} className={css['person']}>
            <TextInput label={`To, instead of ${address}`} description={answer === '' ? undefined : answer} value={people[address] ?? ''} onChange={(event) => { setPeople({ ...people, [address]: event.currentTarget.value }) }} />
            {open.length > 1 && <Button size="xs" variant="default" aria-label={`Leave ${address} out`} onClick={() => { setPeople({ ...people, [address]: null }) }}>Leave out</Button>}
          </div>
        )))}
      {have.length > 0 && <p className={css['quiet']}>{have.length === 1 ? <><bdi>{have[0]?.address}</bdi> has this mail and is not sent it again.</> : `${sayCount(have.length, 'receiver has', 'receivers have')} this mail and are not sent it again.`}</p>}
      <Select
        label="Through" value={edit.connection ?? send.connection} allowDeselect={false} onChange={(value) => { set('connection', value ?? send.connection, send.connection) }}
        data={senders.some(({ id }) => id === send.connection) ? senders.map(({ id, name }) => ({ value: id, label: name })) : [{ value: send.connection, label: send.connection }, ...senders.map(({ id, name }) => ({ value: id, label: name }))]}
      />
      <TextInput label="Subject" value={edit.subject ?? mail.subject} maxLength={2000} onChange={(event) => { set('subject', event.currentTarget.value, mail.subject) }} />
      {mail.text !== '' && !mail.textDerived && <Textarea label="Text" autosize minRows={4} maxRows={14} value={edit.text ?? mail.text} onChange={(event) => { set('text', event.currentTarget.value, mail.text) }} />}
      {mail.html !== '' && (
        <Fold title="HTML" aside={mail.textDerived ? undefined : 'most receivers see this one'} open={mail.textDerived}>
          <Textarea aria-label="HTML" autosize minRows={4} maxRows={14} classNames={{ input: css['source'] ?? '' }} value={edit.html ?? mail.html} onChange={(event) => { set('html', event.currentTarget.value, mail.html) }} />
        </Fold>
      )}
      <Note tone="quiet">{newWords
        ? 'With other words it is another mail, with a Message-ID of its own. Attachments and everything else stay.'
        : 'The very same mail goes out, as it reads now: its “To” line is not changed by another receiver.'} The history keeps who changed what.</Note>
      {save.error && <ErrorNote error={save.error} />}
      <Group justify="flex-end" gap={8}>
        <Button variant="default" onClick={onClose}>Cancel</Button>
        <Button type="submit" loading={save.isPending} disabled={nobody || Object.keys(edit).length === 0}>Send the edited mail</Button>
      </Group>
    </form>
  )
}
