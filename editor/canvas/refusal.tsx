/** Why a line could not be drawn, said for a moment where the eye is. */
import { X } from 'lucide-react'
import { useEffect } from 'react'
import { useDesk, useDeskState } from '../store/desk.ts'
import { texts } from '../texts.ts'
import css from './canvas.module.css'

/** Time to read two lines. */
const shownMs = 7000

export function Refusal() {
  const { store } = useDesk()
  const refusal = useDeskState((state) => state.refusal)
  useEffect(() => {
    if (refusal === '') return
    const timer = setTimeout(store.forgetRefusal, shownMs)
    return () => { clearTimeout(timer) }
  }, [refusal, store])
  return (
    <output aria-live="polite" className={css['refusalPlace']}>
      {refusal !== '' && (
        <div className={css['refusal']}>
          {refusal}
          <button type="button" aria-label={texts.trying.close} onClick={store.forgetRefusal}><X size={13} aria-hidden="true" /></button>
        </div>
      )}
    </output>
  )
}
