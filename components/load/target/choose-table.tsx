'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { usePermissions } from '@/lib/client/session/permissions'
import { haveUploadsBegun } from '@/lib/client/uploads/begun-uploads'
import { aimHeldFiles, dropHeldFiles, type HeldFile, holdFiles, useHeldFiles } from '@/lib/client/uploads/held-files'
import { uploadLimitQuery } from '@/lib/client/uploads/upload-limit'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { sum } from '@/lib/sum'
import { FileDrop } from '../files/file-drop'
import { findOtherFormat, ONE_FORMAT } from '../files/file-formats'
import { FileLine } from '../files/file-line'
import { FileLines } from '../files/file-lines'
import page from '../load.module.css'
import { Step } from '../steps/step'
import step from '../steps/step.module.css'
import classes from './choose-table.module.css'
import { refuseFile } from './refuse-file'
import { TableSearch } from './table-search'

const LazyNewTable = lazyComponent(async () => (await import('./new-table-target')).NewTableTarget, {
  loading: () => <div className={classes.target} />,
})
const LazyUploadsUnderWay = lazyComponent(async () => (await import('./uploads-under-way')).UploadsUnderWay)

/**
 * Takes files before their table is known. They stay in this browser until the user has chosen a table or created one:
 * its form has them and uploads them.
 *
 * @param props.parent the namespace in which the user wants to load; null: any
 */
export function ChooseTable({ parent }: { parent: { catalog: string; namespace: Namespace } | null }) {
  const held = useHeldFiles()
  const permissions = usePermissions()
  const { data: maxBytes } = useQuery({ ...uploadLimitQuery(), enabled: held.length > 0 })
  const [problem, setProblem] = useState<Error | null>(null)
  if (permissions?.includes('table:write') === false)
    return (
      <div className={page.page}>
        <Title />
        <EmptyState>
          Loading rows, and creating a table from a file, needs the editor role on a table or a namespace. An admin can
          give it to you.
        </EmptyState>
      </div>
    )
  const add = (files: readonly File[]) => {
    setProblem(null)
    try {
      holdFiles(files)
    } catch (error) {
      if (!(error instanceof Error)) throw error
      setProblem(error)
    }
  }
  const blocker = findBlocker(held, maxBytes)
  const isReady = held.length > 0 && blocker === null
  return (
    <div className={page.page}>
      <Title />
      <Step
        number={1}
        title="Files"
        note={<span role="status">{describeHeld(held)}</span>}
        isOpen={held.length === 0 || blocker !== null}
        {...(held.length > 1 && {
          actions: (
            <Button size="xs" variant="subtle" onClick={() => dropHeldFiles(held.map(({ id }) => id))}>
              Remove all
            </Button>
          ),
        })}
      >
        <FileDrop isEmpty={held.length === 0} onFiles={add}>
          <FileLines files={held} isWrong={({ file }) => refuseFile(file, maxBytes) !== null}>
            {({ id, file }) => (
              <HeldLine key={id} file={file} maxBytes={maxBytes} onRemove={() => dropHeldFiles([id])} />
            )}
          </FileLines>
        </FileDrop>
        {problem && (
          <div className={step.problem}>
            <ProblemNote error={problem} title="The files were not added" />
          </div>
        )}
      </Step>
      <Step number={2} title="Where the rows go" isOpen={isReady}>
        {blocker === null ? (
          <div className={classes.targets}>
            {held[0] ? (
              <LazyNewTable parent={parent} firstName={held[0].file.name} fileCount={held.length} />
            ) : (
              <section className={classes.target} aria-label="A new table">
                <h3 className="heading">A new table</h3>
                <p className="bare secondary">Drop its first files above: they suggest its columns.</p>
              </section>
            )}
            <section className={classes.target} aria-label="An existing table">
              <h3 className="heading">An existing table</h3>
              <TableSearch
                initialText={parent === null ? '' : namespaceLabel(parent.namespace)}
                onChoose={(table) => aimHeldFiles(table)}
              />
            </section>
          </div>
        ) : (
          <p className={classes.blocker} role="status">
            {blocker}
          </p>
        )}
      </Step>
      {haveUploadsBegun() && <LazyUploadsUnderWay />}
    </div>
  )
}

function Title() {
  return (
    <header className={page.head}>
      <h1 className={page.title}>Load</h1>
    </header>
  )
}

function HeldLine({ file, maxBytes, onRemove }: { file: File; maxBytes: number | undefined; onRemove: () => void }) {
  const refusal = refuseFile(file, maxBytes)
  return (
    <FileLine name={file.name} onRemove={onRemove}>
      {refusal === null ? (
        <div className="secondary small">{formatBytes(file.size)}</div>
      ) : (
        <div className={classes.refusal} role="alert">
          {refusal}
        </div>
      )}
    </FileLine>
  )
}

function describeHeld(held: readonly HeldFile[]): string {
  if (held.length === 0) return ''
  const sizeBytes = sum(held.map(({ file }) => file.size))
  return `${formatQuantity(held.length, 'file')}, ${formatBytes(sizeBytes)}, in this browser until you choose a table`
}

/** Why the files cannot be loaded together, in a sentence; null if they can. */
function findBlocker(held: readonly HeldFile[], maxBytes: number | undefined): string | null {
  const refused = held.filter(({ file }) => refuseFile(file, maxBytes) !== null)
  if (refused.length > 0)
    return `Remove ${refused.length === 1 ? refused[0]?.file.name : formatQuantity(refused.length, 'file')} above, which cannot be loaded.`
  const other = findOtherFormat(held.map(({ file }) => file.name))
  return other && `${other.first} and ${other.second} have different formats. ${ONE_FORMAT}`
}
