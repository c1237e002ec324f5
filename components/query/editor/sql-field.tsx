'use client'
import { type RefObject, useSyncExternalStore } from 'react'
import type { SqlRange } from '@/lib/query/statement/sql-error'
import editorClasses from './sql-editor.module.css'
import classes from './sql-field.module.css'

export const SQL_LABEL = 'SQL'
export const SQL_PLACEHOLDER = 'select … from namespace.table'

/**
 * A plain field for SQL that looks like the editor. The visible text is below the field, line by line next to its
 * numbers, so that both have the same height and scroll together.
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
  // React would discard text that was typed before hydration.
  const isReady = useSyncExternalStore(subscribeToNothing, returnTrue, returnFalse)
  const lines = value.split('\n')
  return (
    <div className={editorClasses.editor}>
      <div className={classes.scroller} data-scroller>
        <div className={classes.text}>
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
            ref={ref}
            className={classes.field}
            aria-label={label}
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
            readOnly={!isReady}
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

const subscribeToNothing = () => () => {}
const returnTrue = () => true
const returnFalse = () => false
