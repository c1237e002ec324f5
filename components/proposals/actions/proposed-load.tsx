'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { FirstRows } from '@/components/load/format/first-rows'
import { listMapped, MappedColumns } from '@/components/load/run/mapped-columns'
import { Unloaded } from '@/components/shell/unloaded'
import { type Fact, Facts } from '@/components/ui/values/facts'
import { FoldedList } from '@/components/ui/values/folded-list'
import { Mono } from '@/components/ui/values/mono'
import { VisibleText } from '@/components/ui/values/visible-text'
import { proposedPreviewQuery } from '@/lib/client/jobs/loads'
import { useHasPermission } from '@/lib/client/session/permissions'
import type {
  ProposedFile,
  ProposedLoad as LocatedLoad,
  ProposedUploads,
} from '@/lib/contract/shapes/proposed-table-action'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatList } from '@/lib/format/sentence'
import { visibleText } from '@/lib/format/visible-text'
import { APPEND_TO_MAIN, losesRows } from '@/lib/ingest/load-landing'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { fileName } from '@/lib/proposals/action-sentence'
import {
  csvDifferences,
  FORMAT_NAMES,
  landingText,
  proposedFileLabel,
  proposedFiles,
  rejectsText,
} from '@/lib/proposals/load-texts'
import { sum } from '@/lib/sum'
import { ProposalFrame } from '../frame/proposal-frame'
import type { ProposedActionProps } from '../frame/proposed-action-props'
import { useProposalDecision } from '../frame/use-proposal-decision'

/** More files are shown after a click. */
const SHOWN_FILES = 10

/** A proposed load. Its commit starts the run, which loads exactly the proposed files. */
export function ProposedLoad({ entry: table, proposal, action }: ProposedActionProps<'load' | 'load-uploads'>) {
  const decision = useProposalDecision(table, proposal)
  const { landing = APPEND_TO_MAIN } = action
  const isReplacing = losesRows(landing)
  const { lostFiles = [], isOwn } = proposal
  const isOpen = proposal.state === 'open' && lostFiles.length === 0
  const verdict = {
    label: isReplacing ? 'Load and replace' : 'Start the load',
    needsConfirmation: isReplacing,
    commitProblem: lostFiles.length === 0 ? null : lostSentence(lostFiles, isOwn),
  }
  return (
    <ProposalFrame proposal={proposal} decision={decision} verdict={proposal.state === 'open' ? verdict : undefined}>
      <Facts facts={[...fileFacts(action), ...optionFacts(action)]} />
      {isOpen && <p>{explain(action)}</p>}
      {isOpen && action.kind === 'load-uploads' && (
        <ProposedRows table={table} proposalId={proposal.proposalId} action={action} />
      )}
    </ProposalFrame>
  )
}

const MAX_NAMED_FILES = 3

function lostSentence(names: readonly string[], isOwn: boolean): string {
  const more = names.length - MAX_NAMED_FILES
  const named = names.slice(0, MAX_NAMED_FILES).map(visibleText)
  const files = formatList(more > 0 ? [...named, formatQuantity(more, 'other file')] : named)
  const next = isOwn ? 'Withdraw the proposal' : 'Send the proposal back'
  return `${files} ${names.length === 1 ? 'has' : 'have'} expired or ${names.length === 1 ? 'was' : 'were'} removed. ${next}, and propose the load again.`
}

type ProposedRowsProps = { table: TableIdentifier; proposalId: string; action: ProposedUploads }

/** The first rows of the first file, for users who may write the table, as before a load of their own. */
function ProposedRows({ table, proposalId, action }: ProposedRowsProps) {
  const canWrite = useHasPermission('table:write', table) === true
  const query = useQuery({ ...proposedPreviewQuery(table, proposalId, action), enabled: canWrite })
  const [first] = action.uploads
  if (!canWrite || first === undefined) return null
  if (query.data === undefined)
    return <Unloaded query={query} subject={first.fileName} skeleton={[5, 4, 'Reading the first rows']} />
  const { rowsRead, rowsRejected, isTruncated } = query.data
  const read = `${isTruncated ? 'first ' : ''}${formatQuantity(rowsRead, 'row')}`
  return (
    <section aria-label="Preview">
      <p>
        {rowsRejected === 0
          ? `The ${read} of ${visibleText(first.fileName)} ${rowsRead === 1 ? 'fits' : 'fit'}.`
          : `${formatCount(rowsRejected)} of the ${read} of ${visibleText(first.fileName)} would be rejected.`}
      </p>
      <FirstRows preview={query.data} />
    </section>
  )
}

type AnyLoad = LocatedLoad | ProposedUploads

function explain(action: AnyLoad): string {
  if (action.kind === 'load')
    return action.otherFiles === undefined
      ? 'The file becomes one snapshot, or the table is not changed. The run compares the SHA-256 before it reads the file, and loads nothing when the file has changed.'
      : 'The files become one snapshot, or the table is not changed. The run compares the SHA-256 of each file before it reads the file, and loads nothing when one of them has changed.'
  return 'The files become one snapshot, or the table is not changed. They are stored in the warehouse as they were uploaded, until a run has loaded them.'
}

function fileFacts(action: AnyLoad): Fact[] {
  if (action.kind === 'load') {
    const files = proposedFiles(action)
    const [first, ...others] = files
    if (first === undefined || others.length > 0)
      return [
        ['Files', <ProposedFileList key="files" files={files} />],
        ['Size', sizeText(files)],
      ]
    const label = proposedFileLabel(first)
    return [
      ['File', <VisibleText key="file">{fileName(label)}</VisibleText>],
      ['Location', <VisibleText key="location">{label}</VisibleText>],
      ['Size', formatBytes(first.sizeBytes)],
      ['SHA-256', <code key="sha256">{first.sha256}</code>],
    ]
  }
  const { uploads, correctsRun } = action
  return [
    ['Files', <UploadList key="files" uploads={uploads} />],
    ['Size', sizeText(uploads)],
    ...(correctsRun === undefined
      ? []
      : [
          [
            'Corrects',
            <Link key="run" href={paths.loadRun(correctsRun)}>
              the rejected rows of an earlier load
            </Link>,
          ] as const,
        ]),
  ]
}

function sizeText(files: readonly { sizeBytes: number }[]): string {
  return `${formatQuantity(files.length, 'file')}, ${formatBytes(sum(files.map(({ sizeBytes }) => sizeBytes)))}`
}

function UploadList({ uploads }: Pick<ProposedUploads, 'uploads'>) {
  return (
    <FoldedList
      maxShown={SHOWN_FILES}
      noun="file"
      lines={uploads.map(({ uploadId, fileName: name, sizeBytes }) => (
        <li key={uploadId}>
          <VisibleText>{name}</VisibleText> <span className="secondary">{formatBytes(sizeBytes)}</span>
        </li>
      ))}
    />
  )
}

function ProposedFileList({ files }: { files: readonly ProposedFile[] }) {
  return (
    <FoldedList
      maxShown={SHOWN_FILES}
      noun="file"
      lines={files.map((file) => (
        <li key={proposedFileLabel(file)}>
          <VisibleText>{proposedFileLabel(file)}</VisibleText>{' '}
          <span className="secondary">{formatBytes(file.sizeBytes)}, SHA-256</span> <code>{file.sha256}</code>
        </li>
      ))}
    />
  )
}

function optionFacts({
  format,
  csv,
  mapping = BY_NAME,
  landing,
  ignoreExtra,
  allowNullColumns,
  allowAmbiguousNumbers,
  loadAgain,
  ...limit
}: AnyLoad): Fact[] {
  const { maxRejectedRows, maxRejectedShare } = limit
  const mapped = listMapped(mapping)
  return [
    ['Operation', <VisibleText key="operation">{landingText(landing)}</VisibleText>],
    ['Format', FORMAT_NAMES[format]],
    ...(csv === undefined ? [] : csvDifferences(csv)).map(
      ([name, value]): Fact => [name, <Mono key={name}>{value}</Mono>],
    ),
    ...(mapped.length === 0
      ? []
      : [['Columns', <MappedColumns key="columns" mapped={mapped} className="bare-list" />] as const]),
    ...(mapping.ignoredFields.length === 0
      ? []
      : [['Ignored fields', <VisibleText key="ignored">{mapping.ignoredFields.join(', ')}</VisibleText>] as const]),
    ['Other columns', ignoreExtra ? 'are skipped' : 'fail the load'],
    ...(allowNullColumns === true ? [['Columns without a field', 'may be null in every row'] as const] : []),
    ...(allowAmbiguousNumbers === true ? [['Points in numbers', 'are those of decimals'] as const] : []),
    ...(loadAgain === true ? [['Bytes that were loaded before', 'are loaded again'] as const] : []),
    [
      'Rows that do not fit',
      rejectsText({ maxRejectedRows, ...(maxRejectedShare !== undefined && { maxRejectedShare }) }),
    ],
  ]
}
