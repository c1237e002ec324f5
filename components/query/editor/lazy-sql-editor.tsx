'use client'
import { type ComponentType, useEffect, useEffectEvent, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import type { EditingState, SqlEditorProps } from './sql-editor'
import { SqlField } from './sql-field'

type TakenOver = { Editor: ComponentType<SqlEditorProps>; initial: EditingState }

/**
 * The SQL editor, whose code is loaded after the page. Until then the text is in a field of the same measures, which can
 * be edited and run. The editor then takes over the text, the selection, the scroll position and the focus.
 */
export function LazySqlEditor({
  load = loadEditor,
  ...props
}: Omit<SqlEditorProps, 'initial'> & { load?: typeof loadEditor }) {
  const [takenOver, setTakenOver] = useState<TakenOver | null>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  const editor = useRef<ComponentType<SqlEditorProps> | null>(null)
  const isBusy = useRef(false)

  const takeOver = () => {
    const Editor = editor.current
    if (Editor === null || field.current === null || isBusy.current) return
    const initial = readEditingState(field.current)
    // At once: a key that is pressed in between would be lost.
    flushSync(() => setTakenOver({ Editor, initial }))
  }
  const onBusyChange = (busy: boolean) => {
    isBusy.current = busy
    // After the events that belong to the end of it.
    if (!busy) setTimeout(takeOver)
  }
  const onLoaded = useEffectEvent((Editor: ComponentType<SqlEditorProps>) => {
    editor.current = Editor
    takeOver()
  })
  useEffect(() => {
    void load().then(
      ({ SqlEditor }) => onLoaded(SqlEditor),
      () => undefined, // the field stays: it lacks colours and completion only
    )
  }, [load])

  if (takenOver) return <takenOver.Editor {...props} initial={takenOver.initial} />
  return <SqlField {...props} ref={field} onBusyChange={onBusyChange} />
}

function readEditingState(field: HTMLTextAreaElement): EditingState {
  const { value, selectionStart, selectionEnd, selectionDirection } = field
  const scrollTop = field.closest('[data-scroller]')?.scrollTop ?? 0
  // Until the user clicks or types, the cursor is at the end.
  if (document.activeElement !== field) return { anchor: value.length, head: value.length, scrollTop, hasFocus: false }
  const isBackward = selectionDirection === 'backward'
  return {
    anchor: isBackward ? selectionEnd : selectionStart,
    head: isBackward ? selectionStart : selectionEnd,
    scrollTop,
    hasFocus: true,
  }
}

function loadEditor() {
  return import('./sql-editor')
}
