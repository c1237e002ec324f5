'use client'
import { Button, Textarea } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useMemo, useState } from 'react'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { Panel } from '@/components/ui/panel'
import { TYPING_PAUSE_MS } from '@/components/ui/typing-pause'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import { parseDeclarationYaml } from '@/lib/iceberg/declaration/declaration-yaml'
import { DdlError } from '@/lib/iceberg/ddl/ddl-error'
import { guessFormat, parseTableText, TEXT_FORMATS, type TextFormat } from '@/lib/iceberg/ddl/parse-table-text'
import { draftOfDeclaration } from '@/lib/iceberg/new-table/new-table-draft'
import type { Filling, WayPanelProps } from './filling'
import classes from './new-table.module.css'

/** Fills the form from a statement of an engine, a schema, or a file of tables as code. */
export function PastePanel({ onFill }: WayPanelProps) {
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState<TextFormat | null>(null)
  const [settled] = useDebouncedValue(text, TYPING_PAUSE_MS)
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
          error={result?.problem ?? null}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
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
            {result?.problem != null && result.line !== null && (
              <code className={classes.excerpt}>{excerptOf(settled, result.line)}</code>
            )}
          </span>
        </div>
      </div>
    </Panel>
  )
}

type Result = { filling: Filling | null; problem: string | null; line: number | null }

function readText(text: string, format: TextFormat): Result {
  try {
    const { name, location, declaration } = parseTableText(text, format, parseDeclarationYaml)
    const filling: Filling = {
      draft: draftOfDeclaration(declaration),
      source: format,
      ...(name !== null && { name: name.at(-1) ?? '' }),
      location: location ?? '',
    }
    return { filling, problem: null, line: null }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { filling: null, problem: error.message, line: error instanceof DdlError ? error.position.line : null }
  }
}

const MAX_EXCERPT_CHARS = 120

/** The line that cannot be read. */
function excerptOf(text: string, line: number): string {
  return (text.split('\n')[line - 1] ?? '').trim().slice(0, MAX_EXCERPT_CHARS)
}
