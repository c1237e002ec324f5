'use client'
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  type CompletionSource,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { keywordCompletionSource, sql } from '@codemirror/lang-sql'
import { bracketMatching } from '@codemirror/language'
import { EditorState, Prec } from '@codemirror/state'
import {
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view'
import { useMantineStyleNonce } from '@mantine/core'
import { useEffect, useLayoutEffect, useRef } from 'react'
import type { SqlRange } from '@/lib/query/sql-error'
import { problemField, showProblem } from './editor-problem'
import { editorTheme } from './editor-theme'
import { DUCKDB } from './sql-dialects'
import { SQL_PLACEHOLDER } from './sql-field'
import classes from './sql-editor.module.css'

const allKeywords = keywordCompletionSource(DUCKDB, false)
/** No keywords after a dot, where only names are possible. */
const keywords: CompletionSource = (context) => (context.matchBefore(/\.\w*/) ? null : allKeywords(context))

/** Where the user is in the text: selection and scroll position, in UTF-16 units and pixels. */
export type EditingState = { anchor: number; head: number; scrollTop: number; hasFocus: boolean }

export type SqlEditorProps = {
  value: string
  /** Called with the text and the cursor position when one of them changes. */
  onChange: (value: string, cursor: number) => void
  onRun: () => void
  onRunAll: () => void
  /** Called with the selected range, or null without one. */
  onSelect: (selection: SqlRange | null) => void
  /** Names of tables and columns at the cursor. */
  complete: CompletionSource
  problem: SqlRange | null
  /** The state of the field whose place it takes. */
  initial: EditingState
}

/** The SQL editor. Tab leaves it, as in any field, so that keyboard users are not trapped. */
export function SqlEditor({ value, onChange, onRun, onRunAll, onSelect, complete, problem, initial }: SqlEditorProps) {
  const parent = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const nonce = useMantineStyleNonce()?.()
  const latestProps = useRef({ onChange, onRun, onRunAll, onSelect, complete })
  useEffect(() => {
    latestProps.current = { onChange, onRun, onRunAll, onSelect, complete }
  })
  const first = useRef({ value, ...initial })

  // A layout effect: there is no moment in which neither the field nor the editor has the focus.
  useLayoutEffect(() => {
    if (!parent.current) return
    const { value: text, anchor, head, scrollTop, hasFocus } = first.current
    const runNow = (editor: EditorView) => {
      closeCompletion(editor)
      latestProps.current.onRun()
      return true
    }
    const runAllNow = (editor: EditorView) => {
      closeCompletion(editor)
      latestProps.current.onRunAll()
      return true
    }
    const editor = new EditorView({
      parent: parent.current,
      state: EditorState.create({
        doc: text,
        selection: { anchor: Math.min(anchor, text.length), head: Math.min(head, text.length) },
        extensions: [
          Prec.highest(keymap.of([{ key: 'Mod-Enter', run: runNow, shift: runAllNow }])),
          lineNumbers(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          history(),
          bracketMatching(),
          closeBrackets(),
          sql({ dialect: DUCKDB }),
          autocompletion({
            override: [(context) => latestProps.current.complete(context), keywords],
            icons: false,
          }),
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap]),
          placeholder(SQL_PLACEHOLDER),
          problemField,
          editorTheme,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': 'SQL', spellcheck: 'false' }),
          ...(nonce === undefined ? [] : [EditorView.cspNonce.of(nonce)]),
          EditorView.updateListener.of(({ docChanged, selectionSet, state }) => {
            if (!docChanged && !selectionSet) return
            const { head, from, to } = state.selection.main
            latestProps.current.onChange(state.doc.toString(), head)
            latestProps.current.onSelect(from < to ? { start: from, end: to } : null)
          }),
        ],
      }),
    })
    view.current = editor
    editor.scrollDOM.scrollTop = scrollTop
    if (hasFocus) editor.focus()
    // The editor measures lines before the font is loaded, so it measures again.
    void document.fonts.ready.then(() => editor.requestMeasure())
    return () => {
      view.current = null
      editor.destroy()
    }
  }, [nonce])

  // The text was changed from outside: history, a link or a template.
  useEffect(() => {
    const editor = view.current
    if (!editor || editor.state.doc.toString() === value) return
    editor.dispatch({
      changes: { from: 0, to: editor.state.doc.length, insert: value },
      selection: { anchor: value.length },
    })
  }, [value])

  useEffect(() => {
    view.current?.dispatch({ effects: showProblem.of(problem) })
  }, [problem])

  return <div ref={parent} className={classes.editor} />
}
