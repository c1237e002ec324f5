'use client'
import { Button, TextInput } from '@mantine/core'
import { IconGitCommit } from '@tabler/icons-react'
import { useState } from 'react'
import { ProgressBar } from '@/components/ui/values/progress-bar'
import { MAX_BULK_TABLES, type TableEdit, type WriteMethod } from '@/lib/client/bulk-edit/bulk-edit'
import { usePermissionOn } from '@/lib/client/session/permissions'
import { PROPOSAL_TITLE } from '@/lib/contract/shapes/proposal-title'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import classes from './bulk-edit.module.css'

type WriteFooterProps = {
  catalog: string
  namespace: Namespace
  /** Edits of the chosen tables, as far as they were previewed. */
  edits: ReadonlyMap<string, TableEdit>
  chosenCount: number
  running: 'preview' | 'write' | null
  /** The namespace whose policy demands two people, or null. */
  requiredBy: Namespace | null
  onCancel: () => void
  onWrite: (tables: readonly string[], methodOf: (table: string) => WriteMethod) => void
}

/**
 * The result of the preview, and the buttons that commit it, or propose it for tables whose policy or role demands
 * that.
 */
export function WriteFooter(props: WriteFooterProps) {
  const { catalog, namespace, edits, chosenCount, running, requiredBy, onCancel, onWrite } = props
  const canWrite = usePermissionOn('table:write')
  const [title, setTitle] = useState('')
  const isWritable = ([, edit]: [string, TableEdit]) =>
    edit.state === 'ready' || (edit.state === 'failed' && edit.intents !== null)
  const tables = [...edits].filter(isWritable).map(([name]) => name)
  const isProposed = (table: string) => requiredBy !== null || canWrite?.({ catalog, namespace, table }) === false
  const proposedCount = tables.filter(isProposed).length
  const proposes = proposedCount > 0
  const isTitle = PROPOSAL_TITLE.test(title.trim())
  const open: readonly TableEdit['state'][] = running === 'write' ? ['ready', 'writing'] : ['reading']
  const doneCount = [...edits.values()].filter(({ state }) => !open.includes(state)).length
  return (
    <footer className={classes.foot}>
      {running !== null && (
        <div className={classes.progress}>
          <ProgressBar
            label={running === 'preview' ? 'Preview' : 'Writing'}
            share={chosenCount === 0 ? null : doneCount / chosenCount}
            valueText={`${formatCount(doneCount)} of ${formatCount(chosenCount)}`}
          />
        </div>
      )}
      <span className={classes.summary} role="status">
        {summaryText([...edits.values()], chosenCount)}
      </span>
      {proposes && (
        <TextInput
          className={classes.propose ?? ''}
          label="Title of the proposals"
          description={
            requiredBy !== null
              ? `Changes of tables in ${namespaceLabel(requiredBy)} need two people.`
              : proposedCount === tables.length
                ? 'You may propose changes here. Another user commits them.'
                : `You may only propose changes of ${formatCount(proposedCount)} of them. Another user commits these.`
          }
          value={title}
          maxLength={200}
          autoComplete="off"
          disabled={running !== null}
          onChange={({ currentTarget }) => setTitle(currentTarget.value)}
        />
      )}
      {running === null ? (
        <Button
          leftSection={<IconGitCommit size={15} stroke={1.6} aria-hidden />}
          disabled={tables.length === 0 || (proposes && !isTitle)}
          onClick={() =>
            onWrite(tables, (table) =>
              isProposed(table) ? { kind: 'propose', title: title.trim(), note: '' } : { kind: 'commit' },
            )
          }
        >
          {methodText(tables.length - proposedCount, proposedCount)}
        </Button>
      ) : (
        <Button variant="default" onClick={onCancel}>
          Stop
        </Button>
      )}
    </footer>
  )
}

function methodText(committedCount: number, proposedCount: number): string {
  const commit = `Commit to ${formatQuantity(committedCount, 'table')}`
  if (proposedCount === 0) return commit
  return committedCount === 0
    ? `Propose for ${formatQuantity(proposedCount, 'table')}`
    : `${commit}, propose for ${formatCount(proposedCount)}`
}

/** Each table is a separate commit, so the summary counts each kind. */
function summaryText(edits: readonly TableEdit[], chosenCount: number): string {
  if (chosenCount === 0) return 'No table is chosen.'
  if (chosenCount > MAX_BULK_TABLES)
    return `${formatQuantity(chosenCount, 'table')} are chosen, and at most ${formatCount(MAX_BULK_TABLES)} are edited at once.`
  const countOf = (...states: TableEdit['state'][]) => edits.filter(({ state }) => states.includes(state)).length
  const parts = [
    [countOf('ready'), 'will change'],
    [countOf('unchanged'), 'already so'],
    [countOf('refused', 'failed'), 'with a problem'],
    [countOf('written'), 'done'],
    [chosenCount - edits.length, 'not previewed'],
  ] as const
  const found = parts.filter(([count]) => count > 0).map(([count, noun]) => `${formatCount(count)} ${noun}`)
  return `${formatQuantity(chosenCount, 'table')} chosen${found.length === 0 ? '' : `: ${found.join(', ')}`}. Each is a commit of its own.`
}
