'use client'
import { useMounted } from '@mantine/hooks'
import { useState } from 'react'
import { CodeBlock } from '@/components/ui/values/code-block'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { Panel } from '@/components/ui/panel'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { ENGINE_SETUPS, type SetupEngine } from './engine-setup'
import classes from './tokens.module.css'

const ENGINES: readonly { value: SetupEngine; label: string }[] = [
  { value: 'pyiceberg', label: 'PyIceberg' },
  { value: 'spark', label: 'Spark' },
  { value: 'curl', label: 'curl' },
]

/** Snippets that connect an engine to the catalog with a token from its environment. */
export function TokenSnippets() {
  const [engine, setEngine] = useState<SetupEngine>('pyiceberg')
  // The URL has the origin of the page, which only the browser knows.
  const isMounted = useMounted()
  const text = isMounted ? ENGINE_SETUPS[engine](`${window.location.origin}/iceberg`) : ''
  return (
    <Panel
      title="Connect with a token"
      subtitle="The engine reads the token from LAKESHORE_TOKEN"
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
