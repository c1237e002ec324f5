'use client'
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  type CompletionSource,
  selectedCompletion,
  selectedCompletionIndex,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, isolateHistory } from '@codemirror/commands'
import { keywordCompletionSource, sql } from '@codemirror/lang-sql'
import { bracketMatching } from '@codemirror/language'
import { Compartment, EditorState, Prec } from '@codemirror/state'
import {
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view'
import { useMantineStyleNonce } from '@mantine/core'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { SqlRange } from '@/lib/query/statement/sql-error'
import { visibleText } from '@/lib/format/visible-text'
import { isKeywordLikely } from './alias'
import { problemField, showProblem } from './editor-problem'
import { editorTheme } from './editor-theme'
import { isOfferedWord, OFFERED_WORDS, sqlDialect } from './sql-dialects'
import { SQL_LABEL, SQL_PLACEHOLDER } from './sql-field'
import classes from './sql-editor.module.css'

const allKeywords = keywordCompletionSource(OFFERED_WORDS, false)
/** No keywords after a dot and a dollar, where only names are possible, and none for a word that is one already. */
const keywords: CompletionSource = async (context) => {
  if (context.matchBefore(/[.$]\w*/)) return null
  const isFinished = isOfferedWord(context.matchBefore(/\w+/)?.text ?? '')
  if (isFinished && !context.explicit) return null
  const found = await allKeywords(context)
  return found && { ...found, validFor: (text) => /^\w*$/.test(text) && !isOfferedWord(text) }
}

/** Characters that change the direction of text or are invisible, and that CodeMirror does not mark by itself. */
const DIRECTION = /[\u2028-\u202e\u2060-\u206f\u115f\u1160\u3164\uffa0]/gu

/** The mark that other views show for the character, too. */
function drawMark(code: number, description: string | null): HTMLElement {
  const mark = document.createElement('span')
  mark.className = 'quiet'
  mark.textContent = visibleText(String.fromCodePoint(code))
  mark.title = description ?? ''
  return mark
}

/** Where the user is in the text: selection and scroll position, in UTF-16 units and pixels. */
export type EditingState = { anchor: number; head: number; scrollTop: number; hasFocus: boolean }

export type SqlEditorProps = {
  /** Each document has a separate selection and undo history. */
  documentId: string
  value: string
  /** Where the cursor is put when the text is changed from outside. */
  cursor: number
  /** Called with the text and the cursor position when one of them changes. */
  onChange: (value: string, cursor: number) => void
  /** For SQL that can be run here, as the two others. */
  onRun?: () => void
  onRunAll?: () => void
  /** Called with the selected range, or null without one. */
  onSelect?: (selection: SqlRange | null) => void
  /** Accessible name. */
  label?: string
  /** The name of the dialect, for colours. */
  dialect?: string
  /** Names of tables and columns at the cursor. */
  complete: CompletionSource
  problem: SqlRange | null
  /** The state of the field that it replaces. */
  initial: EditingState
}

/** The SQL editor. Tab leaves it, as in any field, so that keyboard users are not trapped. */
export function SqlEditor({
  documentId,
  value,
  cursor,
  onChange,
  onRun,
  onRunAll,
  onSelect,
  label = SQL_LABEL,
  dialect = 'duckdb',
  complete,
  problem,
  initial,
}: SqlEditorProps) {
  const parent = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const nonce = useMantineStyleNonce()?.()
  /** The part of every document that follows the dialect. */
  const [language] = useState(() => new Compartment())
  const latestProps = useRef({ onChange, onRun, onRunAll, onSelect, complete, label, dialect })
  useEffect(() => {
    latestProps.current = { onChange, onRun, onRunAll, onSelect, complete, label, dialect }
  })
  const first = useRef({ documentId, value, ...initial })
  /** How to begin a document. */
  const createState = useRef<((text: string, anchor: number, head: number) => EditorState) | null>(null)
  /** The document in the editor, and the states of the others. */
  const shownId = useRef(documentId)
  const otherStates = useRef(new Map<string, EditorState>())

  // A layout effect, so that either the field or the editor has the focus at every moment.
  useLayoutEffect(() => {
    if (!parent.current) return
    const { value: text, anchor, head, scrollTop, hasFocus } = first.current
    const runNow = (editor: EditorView) => {
      closeCompletion(editor)
      latestProps.current.onRun?.()
      return true
    }
    const runAllNow = (editor: EditorView) => {
      closeCompletion(editor)
      latestProps.current.onRunAll?.()
      return true
    }
    const toState = (doc: string, from: number, to: number) =>
      EditorState.create({
        doc,
        selection: { anchor: Math.min(from, doc.length), head: Math.min(to, doc.length) },
        extensions: [
          Prec.highest(
            keymap.of([
              { key: 'Mod-Enter', run: runNow, shift: runAllNow },
              { key: 'Enter', run: closeUnlikelyCompletion },
            ]),
          ),
          lineNumbers(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          highlightSpecialChars({ addSpecialChars: DIRECTION, render: drawMark }),
          history(),
          bracketMatching(),
          closeBrackets(),
          language.of(languageOf(latestProps.current)),
          autocompletion({
            override: [(context) => latestProps.current.complete(context), keywords],
            icons: false,
          }),
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap]),
          placeholder(SQL_PLACEHOLDER),
          problemField,
          editorTheme,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ spellcheck: 'false' }),
          ...(nonce === undefined ? [] : [EditorView.cspNonce.of(nonce)]),
          EditorView.updateListener.of(({ docChanged, selectionSet, state }) => {
            if (!docChanged && !selectionSet) return
            const { head, from, to } = state.selection.main
            latestProps.current.onChange(state.doc.toString(), head)
            latestProps.current.onSelect?.(from < to ? { start: from, end: to } : null)
          }),
        ],
      })
    createState.current = toState
    const editor = new EditorView({ parent: parent.current, state: toState(text, anchor, head) })
    view.current = editor
    editor.scrollDOM.scrollTop = scrollTop
    if (hasFocus) editor.focus()
    // The editor measures lines before the font is loaded, so it measures again.
    void document.fonts.ready.then(() => editor.requestMeasure())
    return () => {
      view.current?.destroy()
      view.current = null
    }
  }, [nonce, language])

  const cursorRef = useRef(cursor)
  useLayoutEffect(() => {
    cursorRef.current = cursor
  })
  // The text was changed from outside: another tab, history, a link, a template or a name from the sidebar.
  useLayoutEffect(() => {
    const editor = view.current
    if (!editor) return
    const states = otherStates.current
    if (shownId.current !== documentId) {
      states.delete(shownId.current)
      states.set(shownId.current, editor.state)
      const known = states.get(documentId)
      states.delete(documentId)
      shownId.current = documentId
      const oldest = states.size > MAX_OTHER_STATES ? states.keys().next().value : undefined
      if (oldest !== undefined) states.delete(oldest)
      const isSame = known !== undefined && known.doc.toString() === value
      const next = isSame ? known : createState.current?.(value, cursorRef.current, cursorRef.current)
      if (next) view.current = replaceView(editor, next)
      return
    }
    const before = editor.state.doc.toString()
    if (before === value) return
    const changes = changedPart(before, value)
    const anchor = Math.min(cursorRef.current, value.length)
    // Undo reverts this change without the text typed right before it.
    editor.dispatch({ changes, selection: { anchor }, scrollIntoView: true, annotations: isolateHistory.of('full') })
  }, [documentId, value])

  // After the change to another document, whose state may begin with the former dialect.
  useLayoutEffect(() => {
    view.current?.dispatch({ effects: language.reconfigure(languageOf({ label, dialect })) })
  }, [language, label, dialect])

  useEffect(() => {
    view.current?.dispatch({ effects: showProblem.of(problem) })
  }, [problem])

  return <div ref={parent} className={classes.editor} />
}

/**
 * Before Enter takes an option: closes the list if its first option only resembles what is written (`replace` for
 * `place`), or is a keyword where an alias may be written (`else` for `e`), so that Enter ends the line. The name may be
 * one that is not known yet. An option that the arrows have reached is taken.
 */
function closeUnlikelyCompletion(view: EditorView): boolean {
  const option = selectedCompletion(view.state)
  if (option === null || selectedCompletionIndex(view.state) !== 0) return false
  const { head } = view.state.selection.main
  const line = view.state.doc.lineAt(head)
  const written = /[\p{L}\p{N}_"]*$/u.exec(line.text.slice(0, head - line.from))?.[0].replaceAll('"', '') ?? ''
  const isLikely =
    option.label.toLowerCase().startsWith(written.toLowerCase()) &&
    (!isOfferedWord(option.label) || isKeywordLikely(option.label, view.state.doc.toString(), head))
  if (!isLikely) closeCompletion(view)
  return false
}

function languageOf({ label, dialect }: { label: string; dialect: string }) {
  return [sql({ dialect: sqlDialect(dialect) }), EditorView.contentAttributes.of({ 'aria-label': label })]
}

/**
 * A new view for another document. `setState` would keep the view, and with it what the former document still waits for:
 * completions that arrive late would be put at a position that the new text does not have.
 */
function replaceView(former: EditorView, state: EditorState): EditorView {
  const next = new EditorView({ state })
  former.dom.after(next.dom)
  if (former.hasFocus) next.focus()
  former.destroy()
  return next
}

/** Documents whose selection and undo history the editor remembers. */
const MAX_OTHER_STATES = 30

/** One change that turns a text into another and leaves equal text at both ends alone, with the cursors of undo. */
function changedPart(before: string, after: string): { from: number; to: number; insert: string } {
  const limit = Math.min(before.length, after.length)
  let start = 0
  while (start < limit && before[start] === after[start]) start++
  let end = 0
  while (end < limit - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) }
}
