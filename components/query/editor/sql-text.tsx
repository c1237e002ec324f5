import { highlightTree, tagHighlighter, tags } from '@lezer/highlight'
import type { ReactNode } from 'react'
import { VisibleText } from '@/components/ui/values/visible-text'
import { visibleText } from '@/lib/format/visible-text'
import { sqlDialect } from './sql-dialects'
import classes from './sql-text.module.css'

/** A longer text is not highlighted, because parsing it would block the page. */
const MAX_COLOURED_CHARS = 100_000

/** SQL in the colours of the editor, rendered as text only. */
export function SqlText({ sql, dialect }: { sql: string; dialect: string }) {
  if (sql.length > MAX_COLOURED_CHARS) return visibleText(sql)
  const parts: ReactNode[] = []
  let position = 0
  highlightTree(sqlDialect(dialect).language.parser.parse(sql), COLOURS, (from, to, colour) => {
    if (from > position) parts.push(<VisibleText key={position}>{sql.slice(position, from)}</VisibleText>)
    parts.push(
      <span key={from} className={colour}>
        <VisibleText>{sql.slice(from, to)}</VisibleText>
      </span>,
    )
    position = to
  })
  return (
    <>
      {parts}
      <VisibleText>{sql.slice(position)}</VisibleText>
    </>
  )
}

const COLOURS = tagHighlighter([
  { tag: [tags.keyword, tags.operatorKeyword, tags.typeName], class: classes['keyword'] ?? '' },
  { tag: [tags.string, tags.special(tags.string)], class: classes['string'] ?? '' },
  { tag: [tags.number, tags.bool, tags.null, tags.special(tags.name)], class: classes['number'] ?? '' },
  { tag: tags.comment, class: classes['comment'] ?? '' },
  { tag: tags.standard(tags.name), class: classes['builtin'] ?? '' },
])
