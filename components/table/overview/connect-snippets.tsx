'use client'
import Link from 'next/link'
import { useState } from 'react'
import { CodeBlock } from '@/components/ui/values/code-block'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { Panel } from '@/components/ui/panel'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { type AccessMethod, type SnippetEngine, TOKEN_VARIABLE } from '@/lib/connect/snippet'
import { availableSnippets, snippetFor } from '@/lib/connect/snippet-for'
import type { TableDetail } from '@/lib/contract/table/tables'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './connect-snippets.module.css'

const ENGINES: Record<SnippetEngine, string> = {
  pyiceberg: 'PyIceberg',
  spark: 'Spark',
  trino: 'Trino',
  flink: 'Flink',
  duckdb: 'DuckDB',
  curl: 'curl',
}
const METHOD_LABELS: Record<AccessMethod, string> = {
  rest: 'REST',
  database: 'Database file',
  metadata: 'Metadata file',
}

/** SQL cannot read the environment, so the token is pasted. */
const REPLACED_TOKEN: ReadonlySet<SnippetEngine> = new Set(['flink', 'duckdb'])

/** Snippets that connect other engines to this table, ready to paste. */
export function ConnectSnippets({ table, detail }: { table: TableIdentifier; detail: TableDetail }) {
  const [engine, setEngine] = useState<SnippetEngine>('pyiceberg')
  const [preferredMethod, setPreferredMethod] = useState<AccessMethod>('rest')
  const offered = availableSnippets(table, detail)
  const chosen = offered.find((candidate) => candidate.engine === engine) ?? offered[0]
  if (chosen === undefined) return null
  const method = chosen.methods.includes(preferredMethod) ? preferredMethod : chosen.methods[0]
  const snippet = snippetFor(chosen.engine, table, detail, method)
  if (snippet === null) return null
  const needsToken = method === 'rest' && detail.catalogKind === 'embedded'
  return (
    <Panel title="Connect" actions={<CopyButton value={snippet.text} label="snippet" />}>
      <div className={classes.choices}>
        <SegmentedChoice
          label="Engine"
          value={chosen.engine}
          options={offered.map(({ engine: value }) => ({ value, label: ENGINES[value] }))}
          onChange={setEngine}
        />
        {chosen.methods.length > 1 && (
          <SegmentedChoice
            label="Access"
            value={method}
            options={chosen.methods.map((value) => ({ value, label: METHOD_LABELS[value] }))}
            onChange={setPreferredMethod}
          />
        )}
      </div>
      <CodeBlock label="Snippet" className={classes.snippet}>
        {snippet.text}
      </CodeBlock>
      {(needsToken || snippet.note !== null) && (
        <p className={classes.note}>
          {needsToken && (
            <>
              {REPLACED_TOKEN.has(chosen.engine) ? `Replace ${TOKEN_VARIABLE} with` : `Set ${TOKEN_VARIABLE} to`} one of
              your tokens (<Link href={paths.tokens()}>create token</Link>).{' '}
            </>
          )}
          {snippet.note}
        </p>
      )}
    </Panel>
  )
}
