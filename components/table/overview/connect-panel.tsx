'use client'
import Link from 'next/link'
import { useState } from 'react'
import { CodeBlock } from '@/components/ui/values/code-block'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { SidePanel } from '@/components/ui/side-panel'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { type AccessMethod, type SnippetEngine, TOKEN_VARIABLE } from '@/lib/connect/snippet'
import { availableSnippets, snippetFor } from '@/lib/connect/snippet-for'
import type { TableDetail } from '@/lib/contract/table/tables'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './connect-panel.module.css'

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
export function ConnectPanel({
  table,
  detail,
  onClose,
}: {
  table: TableIdentifier
  detail: TableDetail
  onClose: () => void
}) {
  const [engine, setEngine] = useState<SnippetEngine>('pyiceberg')
  const [preferredMethod, setPreferredMethod] = useState<AccessMethod>('rest')
  const offered = availableSnippets(table, detail)
  const chosen = offered.find((candidate) => candidate.engine === engine) ?? offered[0]
  if (chosen === undefined) return <NoSnippets onClose={onClose} />
  const method = chosen.methods.includes(preferredMethod) ? preferredMethod : chosen.methods[0]
  const snippet = snippetFor(chosen.engine, table, detail, method)
  if (snippet === null) return <NoSnippets onClose={onClose} />
  const needsToken = method === 'rest' && detail.catalogKind === 'embedded'
  return (
    <SidePanel title="Connect" width={560} onClose={onClose} takesFocus>
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
        <CopyButton value={snippet.text} label="snippet" />
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
    </SidePanel>
  )
}

function NoSnippets({ onClose }: { onClose: () => void }) {
  return (
    <SidePanel title="Connect" width={428} onClose={onClose} takesFocus>
      <EmptyState>Other engines cannot reach this table.</EmptyState>
    </SidePanel>
  )
}
