'use client'
import { type KeyboardEvent, useId, useRef, useState } from 'react'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { TabLabel } from '@/components/ui/tab-row'
import tabRow from '@/components/ui/tab-row.module.css'
import { CodeBlock } from '@/components/ui/values/code-block'
import type { EngineScripts } from '@/lib/contract/shapes/engine-scripts'
import { formatQuantity } from '@/lib/format/count'
import { type KnownRequest, RequestText } from './commit-request'
import requestClasses from './commit-request.module.css'
import classes from './commit-tabs.module.css'

const TABS = ['rest', 'spark', 'trino', 'pyiceberg'] as const
type Tab = (typeof TABS)[number]
const TITLES: Record<Tab, string> = {
  rest: 'REST request',
  spark: 'Spark SQL',
  trino: 'Trino SQL',
  pyiceberg: 'PyIceberg',
}

type CommitTabsProps = {
  /** A text explains why the request is unknown so far. */
  request: KnownRequest | string
  scripts: EngineScripts
  changeCount: number
}

/** The exact request of a commit, and the same changes as other engines make them. */
export function CommitTabs({ request, scripts, changeCount }: CommitTabsProps) {
  const [tab, setTab] = useState<Tab>('rest')
  const list = useRef<HTMLDivElement>(null)
  const panelId = useId()
  const script = tab === 'rest' ? null : scripts[tab]
  const code = script?.text ?? (typeof request === 'string' ? null : (request.body ?? request.path))
  const moveTo = (event: KeyboardEvent) => {
    const now = TABS.indexOf(tab)
    const index = { ArrowRight: (now + 1) % TABS.length, ArrowLeft: now - 1, Home: 0, End: -1 }[event.key]
    const next = index === undefined ? undefined : TABS.at(index)
    if (next === undefined) return
    event.preventDefault()
    setTab(next)
    list.current?.querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus()
  }
  return (
    <section aria-label="The commit">
      <div className={classes.head}>
        <div ref={list} className={classes.tabs} role="tablist" aria-label="The commit">
          {TABS.map((one) => (
            <button
              key={one}
              type="button"
              role="tab"
              className={`${tabRow.tab} ${classes.tab}`}
              aria-selected={one === tab}
              aria-controls={panelId}
              data-tab={one}
              tabIndex={one === tab ? 0 : -1}
              onClick={() => setTab(one)}
              onKeyDown={moveTo}
            >
              <TabLabel>{TITLES[one]}</TabLabel>
            </button>
          ))}
        </div>
        {code !== null && <CopyButton value={code} label={script ? TITLES[tab] : 'request'} />}
      </div>
      <div id={panelId} role="tabpanel" aria-label={TITLES[tab]}>
        {script && <ScriptNote title={TITLES[tab]} {...script} changeCount={changeCount} />}
        {!script && typeof request === 'string' ? (
          <p className={classes.note}>{request}</p>
        ) : (
          <CodeBlock label={script ? TITLES[tab] : 'Request'} className={requestClasses.request}>
            {script ? script.text : typeof request !== 'string' && <RequestText {...request} />}
          </CodeBlock>
        )}
      </div>
    </section>
  )
}

type ScriptNoteProps = { title: string; commitCount: number; missingCount: number; changeCount: number }

/** The difference from Lakeshore's commit; empty if the script is one commit with all changes. */
function ScriptNote({ title, commitCount, missingCount, changeCount }: ScriptNoteProps) {
  const notes = [
    ...(commitCount > 1 ? [`${formatQuantity(commitCount, 'commit')} instead of one.`] : []),
    ...(missingCount > 0
      ? [`${title} has nothing for ${missingCount} of ${formatQuantity(changeCount, 'change')}: the comments say why.`]
      : []),
  ]
  return notes.length === 0 ? null : <p className={classes.note}>{notes.join(' ')}</p>
}
