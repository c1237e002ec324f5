'use client'
import { type RefObject, useEffectEvent, useId, useLayoutEffect, useState, useSyncExternalStore } from 'react'
import type { SqlRange } from '@/lib/query/statement/sql-error'
import editorClasses from './sql-editor.module.css'
import classes from './sql-field.module.css'

export const SQL_LABEL = 'SQL'
export const SQL_PLACEHOLDER = 'select … from namespace.table'

/**
 * A plain field for SQL that looks like the editor. The visible text is below the field, line by line next to its
 * numbers, so that both have the same height and scroll together. In the page of the server the field shows its own
 * text, and what is typed there before the code of the page has arrived stays.
 */
export function SqlField({
  ref,
  value,
  onChange,
  onRun,
  onRunAll,
  onSelect,
  label = SQL_LABEL,
  onBusyChange,
}: {
  ref: RefObject<HTMLTextAreaElement | null>
  value: string
  /** Called with the text and the cursor position when one of them changes. */
  onChange: (value: string, cursor: number) => void
  onRun?: () => void
  onRunAll?: () => void
  /** Called with the selected range, or null without one. */
  onSelect?: (selection: SqlRange | null) => void
  label?: string
  /** Called when a character begins to be composed or text begins to be selected, and when that ends. */
  onBusyChange: (isBusy: boolean) => void
}) {
  const id = useId()
  const isReady = useSyncExternalStore(subscribeToNothing, returnTrue, returnFalse)
  const [early] = useState(() => readEarlyText(id))
  const takeEarlyText = useEffectEvent(() => {
    const field = ref.current
    if (early === null || field === null) return
    // React takes a field without text as it is found, and sets another one back to the text of the server.
    const typed = field.value === value ? early : { text: field.value, cursor: field.selectionEnd }
    if (typed.text !== value) onChange(typed.text, typed.cursor)
  })
  useLayoutEffect(() => takeEarlyText(), [])
  const lines = value.split('\n')
  return (
    <div className={editorClasses.editor}>
      <div className={classes.scroller} data-scroller>
        <div className={classes.text} data-early={!isReady || undefined}>
          <div aria-hidden className={classes.lines}>
            {lines.map((line, index) => (
              <div key={index} className={classes.line} data-last={index === lines.length - 1 || undefined}>
                <span className={classes.number}>{index + 1}</span>
                <span className={classes.words}>
                  {value === '' ? <span className="quiet">{SQL_PLACEHOLDER}</span> : line}
                </span>
              </div>
            ))}
          </div>
          <textarea
            id={id}
            ref={ref}
            className={classes.field}
            aria-label={label}
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
            placeholder={isReady ? undefined : SQL_PLACEHOLDER}
            value={value}
            onChange={({ currentTarget }) => onChange(currentTarget.value, currentTarget.selectionEnd)}
            onSelect={({ currentTarget: { value: text, selectionStart: start, selectionEnd: end } }) => {
              onChange(text, end)
              onSelect?.(start < end ? { start, end } : null)
            }}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
              event.preventDefault()
              if (event.shiftKey) onRunAll?.()
              else onRun?.()
            }}
            onCompositionStart={() => onBusyChange(true)}
            onCompositionEnd={() => onBusyChange(false)}
            onPointerDown={() => {
              onBusyChange(true)
              for (const type of ['pointerup', 'pointercancel'])
                window.addEventListener(type, () => onBusyChange(false), { once: true })
            }}
          />
        </div>
      </div>
    </div>
  )
}

/** The text of the field in the page of the server, which is there while React takes over that page; null otherwise. */
function readEarlyText(id: string): { text: string; cursor: number } | null {
  if (typeof document === 'undefined') return null
  const field = document.getElementById(id)
  return field instanceof HTMLTextAreaElement ? { text: field.value, cursor: field.selectionEnd } : null
}

const subscribeToNothing = () => () => {}
const returnTrue = () => true
const returnFalse = () => false
