'use client'
import Link from 'next/link'
import { useState } from 'react'
import { CodeBlock } from '@/components/ui/values/code-block'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { Panel } from '@/components/ui/panel'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import type { AccessMethod, SnippetEngine } from '@/lib/connect/snippet'
import { availableSnippets, snippetFor } from '@/lib/connect/snippet-for'
import type { TableDetail } from '@/lib/contract/tables'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { paths } from '@/lib/paths'
import classes from './connect-snippets.module.css'

const ENGINES: Record<SnippetEngine, string> = {
  pyiceberg: 'PyIceberg',
  spark: 'Spark',
  trino: 'Trino',
  flink: 'Flink',
  duckdb: 'DuckDB',
  curl: 'curl',
}
const REACHES: Record<AccessMethod, string> = { rest: 'REST', database: 'Database file', metadata: 'Metadata file' }

/** How another engine reaches this table, filled in and ready to paste. */
export function ConnectSnippets({ table, detail }: { table: TableIdentifier; detail: TableDetail }) {
  const [engine, setEngine] = useState<SnippetEngine>('pyiceberg')
  const [preferredReach, setPreferredReach] = useState<AccessMethod>('rest')
  const offered = availableSnippets(table, detail)
  const chosen = offered.find((candidate) => candidate.engine === engine) ?? offered[0]
  if (chosen === undefined) return null
  const reach = chosen.methods.includes(preferredReach) ? preferredReach : chosen.methods[0]
  const snippet = snippetFor(chosen.engine, table, detail, reach)
  if (snippet === null) return null
  const needsToken = reach === 'rest' && detail.catalogKind === 'embedded'
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
            label="By way of"
            value={reach}
            options={chosen.methods.map((value) => ({ value, label: REACHES[value] }))}
            onChange={setPreferredReach}
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
              LAKESHORE_TOKEN is a token of yours: <Link href={paths.tokens()}>make one</Link>
              {snippet.note === null ? '.' : '; '}
            </>
          )}
          {snippet.note !== null && `${snippet.note}.`}
        </p>
      )}
    </Panel>
  )
}
