'use client'
import { useState } from 'react'
import { CodeBlock } from '@/components/ui/code-block'
import { CopyButton } from '@/components/ui/copy-button'
import { Panel } from '@/components/ui/panel'
import { SegmentedChoice } from '@/components/ui/segmented-choice'
import type { TableDetail } from '@/lib/contract/tables'
import type { TableRef } from '@/lib/iceberg/identifiers'
import classes from './connect-snippets.module.css'
import { SNIPPETS, type SnippetEngine } from './snippets'

const ENGINES: { value: SnippetEngine; label: string }[] = [
  { value: 'pyiceberg', label: 'PyIceberg' },
  { value: 'spark', label: 'Spark' },
  { value: 'duckdb', label: 'DuckDB' },
]

/** How another engine reaches this table, filled in and ready to paste. */
export function ConnectSnippets({ table, detail }: { table: TableRef; detail: TableDetail }) {
  const [engine, setEngine] = useState<SnippetEngine>('pyiceberg')
  const text = SNIPPETS[engine](table, detail)
  return (
    <Panel
      title="Connect"
      subtitle="on the machine of the lake"
      actions={
        <>
          <SegmentedChoice label="Engine" value={engine} options={ENGINES} onChange={setEngine} />
          <CopyButton value={text} label="snippet" />
        </>
      }
    >
      <CodeBlock label="Snippet" className={classes.snippet}>
        {text}
      </CodeBlock>
    </Panel>
  )
}
