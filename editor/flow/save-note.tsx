/** Whether the file on the server is what stands on the desk, in one quiet word; loud only when it is not. */
import { useStore } from 'zustand'
import { useDesk } from '../store/desk.ts'
import { texts } from '../texts.ts'
import css from './flow.module.css'

export function SaveNote() {
  const { saving, saver } = useDesk()
  const now = useStore(saving)
  const say = now.state === 'failed' ? texts.header.failed(now.say) : texts.header[now.state]
  return (
    <output className={css['save']} data-state={now.state}>
      {now.state === 'changed' || now.state === 'failed' ? <button type="button" title={texts.header.save} onClick={() => { void saver.saveNow() }}>{say}</button> : say}
    </output>
  )
}
