import { StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view'
import type { SqlRange } from '@/lib/query/statement/sql-error'

/** Underlines a range of the text, or nothing for null. The next edit removes the underline. */
export const showProblem = StateEffect.define<SqlRange | null>()

const problemMark = Decoration.mark({ class: 'cm-problem', attributes: { 'aria-invalid': 'true' } })

export const problemField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(decorations, transaction) {
    for (const effect of transaction.effects)
      if (effect.is(showProblem)) return toDecorations(effect.value, transaction.newDoc.length)
    return transaction.docChanged ? Decoration.none : decorations
  },
  provide: (field) => EditorView.decorations.from(field),
})

function toDecorations(range: SqlRange | null, length: number): DecorationSet {
  if (range === null) return Decoration.none
  const from = Math.min(range.start, length)
  const to = Math.min(range.end, length)
  return from < to ? Decoration.set(problemMark.range(from, to)) : Decoration.none
}
