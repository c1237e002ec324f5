'use client'
import { Button, Textarea } from '@mantine/core'
import { useId, useMemo, useState } from 'react'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { Panel } from '@/components/ui/panel'
import { useSettled } from '@/components/ui/use-settled'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import { parseDeclarationYaml } from '@/lib/changes/declaration/declaration-yaml'
import { DdlError, type TextPosition } from '@/lib/changes/ddl/ddl-error'
import { guessFormat, parseTableText, TEXT_FORMATS, type TextFormat } from '@/lib/changes/ddl/parse-table-text'
import { draftOfDeclaration } from '@/lib/changes/new-table/new-table-draft'
import { excerptAt } from './excerpt-at'
import type { Filling, SourcePanelProps } from './filling'
import classes from './new-table.module.css'

/** Fills the form from a statement of an engine, a schema, or a file of tables as code. */
export function PastePanel({ onFill }: SourcePanelProps) {
  const [text, setText] = useState('')
  const problemId = useId()
  const [chosen, setChosen] = useState<TextFormat | null>(null)
  const settled = useSettled(text)
  const format = chosen ?? guessFormat(settled)
  const result = useMemo(() => (settled.trim() === '' ? null : readText(settled, format)), [settled, format])
  return (
    <Panel
      title="Paste"
      subtitle="a statement, a schema or a file of tables as code"
      actions={
        <LazySelect
          aria-label="Format of the text"
          data={TEXT_FORMATS.map((value) => ({ value, label: value }))}
          value={format}
          allowDeselect={false}
          onChange={setChosen}
        />
      }
    >
      <div className={classes.paste}>
        <Textarea
          aria-label="The text"
          placeholder={
            'CREATE TABLE lake.demo.legs (id BIGINT NOT NULL, at TIMESTAMP) USING iceberg PARTITIONED BY (days(at))'
          }
          value={text}
          autosize
          minRows={5}
          maxRows={18}
          autoComplete="off"
          spellCheck={false}
          {...(result?.problem != null && { 'aria-invalid': true, 'aria-describedby': problemId })}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        {result?.problem != null && (
          <div role="alert" id={problemId}>
            <p className="bare removed dense">{result.problem}</p>
            {result.position !== null && <Excerpt text={settled} position={result.position} />}
          </div>
        )}
        <div className={classes.row}>
          <Button
            variant="default"
            disabled={settled !== text || !result?.filling}
            onClick={() => result?.filling && onFill(result.filling)}
          >
            Fill the form
          </Button>
          <span className={classes.quiet} role="status">
            {result?.filling && formatQuantity(result.filling.draft.schema.fields.length, 'column')}
          </span>
        </div>
        {result?.notes.map((note) => (
          <p key={note} className={classes.note}>
            {note}
          </p>
        ))}
      </div>
    </Panel>
  )
}

type Result = {
  filling: Filling | null
  problem: string | null
  position: TextPosition | null
  /** Parts of the text that the table does not keep. */
  notes: readonly string[]
}

function readText(text: string, format: TextFormat): Result {
  try {
    const { name, location, declaration, notes } = parseTableText(text, format, parseDeclarationYaml)
    const filling: Filling = {
      draft: draftOfDeclaration(declaration),
      source: format,
      ...(name !== null && { name: name.at(-1) ?? '' }),
      location: location ?? '',
    }
    return { filling, problem: null, position: null, notes }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return {
      filling: null,
      problem: error.message,
      position: error instanceof DdlError ? error.position : null,
      notes: [],
    }
  }
}

/** The part of the text that cannot be read, with a mark under the column. The message names the column. */
function Excerpt({ text, position }: { text: string; position: TextPosition }) {
  const { before, at, after } = excerptAt(text, position)
  return (
    <pre className={classes.excerpt} aria-hidden>
      {before}
      <span className={classes.column}>{at}</span>
      {after}
    </pre>
  )
}
